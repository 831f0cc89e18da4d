#include "tracking/state_machine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace halfclosed::tracking {

using enum TcpState;

namespace {

constexpr TcpState kStates[] = {established, fin_wait1, fin_wait2, time_wait,
                                close_wait,  last_ack,  closing,   TcpState::close,
                                listen,      syn_sent,  syn_recv,  TcpState{14}};

/// Spelled out, not derived: what must have happened between two polls. TIME-WAIT may
/// come and go between any two.
const std::map<std::pair<TcpState, TcpState>, std::vector<Edge>> kCertain{
    {{established, fin_wait1}, {{established, fin_wait1}}},
    {{established, fin_wait2}, {{established, fin_wait1}, {fin_wait1, fin_wait2}}},
    {{established, closing}, {{established, fin_wait1}, {fin_wait1, closing}}},
    {{established, time_wait}, {{established, fin_wait1}}},
    {{established, close_wait}, {{established, close_wait}}},
    {{established, last_ack}, {{established, close_wait}, {close_wait, last_ack}}},
    {{established, TcpState::close}, {}},
    {{fin_wait1, fin_wait2}, {{fin_wait1, fin_wait2}}},
    {{fin_wait1, closing}, {{fin_wait1, closing}}},
    {{fin_wait1, time_wait}, {}},
    {{fin_wait1, TcpState::close}, {}},
    {{fin_wait2, time_wait}, {{fin_wait2, time_wait}}},
    {{fin_wait2, TcpState::close}, {}},
    {{closing, time_wait}, {{closing, time_wait}}},
    {{closing, TcpState::close}, {}},
    {{time_wait, TcpState::close}, {{time_wait, TcpState::close}}},
    {{close_wait, last_ack}, {{close_wait, last_ack}}},
    {{close_wait, TcpState::close}, {}},
    {{last_ack, TcpState::close}, {{last_ack, TcpState::close}}},
};

std::string text(const std::vector<Edge>& path) {
    std::string result;
    for (const Edge& edge : path) {
        result += "[" + name(edge.from) + " -> " + name(edge.to) + "]";
    }
    return result;
}

}  // namespace

TEST(CertainPath, BetweenEveryPairOfStates) {
    for (const TcpState from : kStates) {
        for (const TcpState to : kStates) {
            const auto known = kCertain.find({from, to});
            const std::vector<Edge> expected =
                known == kCertain.end() ? std::vector<Edge>{} : known->second;
            EXPECT_EQ(text(certain_path(from, to)), text(expected))
                << name(from) << " to " << name(to);
        }
    }
}

TEST(ClosingEdges, AreThoseOfTheClosingHalf) {
    const std::vector<Edge>& edges = closing_edges();
    EXPECT_EQ(edges.size(), 13u);
    for (const Edge& edge : edges) {
        EXPECT_EQ(std::count(edges.begin(), edges.end(), edge), 1) << text({edge});
    }
    // tcp_rcv_state_process(): a FIN that acknowledges ours too passes FIN-WAIT-2.
    EXPECT_EQ(std::count(edges.begin(), edges.end(), Edge{fin_wait1, time_wait}), 0);
}

}  // namespace halfclosed::tracking
