#include "tracking/exact_growth.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sockets.h"
#include "tracking/event_counters.h"
#include "tracking/state_machine.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

constexpr ExactKey kOurKey{NamespaceId{1}, 9999, true};

std::size_t edge(TcpState from, TcpState to) {
    const std::vector<Edge>& edges = closing_edges();
    return static_cast<std::size_t>(std::find(edges.begin(), edges.end(), Edge{from, to}) -
                                    edges.begin());
}

ExactTotals totals(std::initializer_list<std::pair<Edge, std::uint64_t>> edges,
                   std::uint64_t expired = 0) {
    ExactTotals result;
    for (const auto& [step, count] : edges) {
        result[kOurKey].edges[edge(step.from, step.to)] = count;
    }
    result[kOurKey].fin_wait2_expired = expired;
    return result;
}

}  // namespace

TEST(ExactGrowth, HasAPlaceForEveryEdge) {
    EXPECT_EQ(closing_edges().size(), ExactCounts::kEdges);
}

TEST(ExactGrowth, TellsWhatCameSinceTheLastTimeOnce) {
    ExactGrowth growth;
    const auto first = growth.advance(totals({{{established, close_wait}, 5}}));
    EXPECT_EQ(first.at(kOurKey).edges[edge(established, close_wait)], 5u);
    EXPECT_TRUE(growth.advance(totals({{{established, close_wait}, 5}})).empty());
    const auto second = growth.advance(totals({{{established, close_wait}, 7}}));
    EXPECT_EQ(second.at(kOurKey).edges[edge(established, close_wait)], 2u);
}

// A minisock's timer is cancelled and then set anew: for a moment it looked as if TIME-WAIT had ended.
TEST(ExactGrowth, WhatIsTakenBackAMomentLaterIsNeverTold) {
    ExactGrowth growth;
    EXPECT_TRUE(growth.advance(totals({{{time_wait, close}, 1}})).empty());
    EXPECT_TRUE(growth.advance(totals({{{time_wait, close}, 0}})).empty());
    EXPECT_TRUE(growth.advance(totals({{{time_wait, close}, 1}})).empty());
    const auto sure = growth.advance(totals({{{time_wait, close}, 1}}));
    EXPECT_EQ(sure.at(kOurKey).edges[edge(time_wait, close)], 1u);
}

// An expiry is told as a timer that is cancelled and then fires.
TEST(ExactGrowth, AnExpiryIsNoKill) {
    ExactGrowth growth;
    const auto first = growth.advance(totals({{{fin_wait2, close}, 1}}, 0));
    EXPECT_EQ(first.at(kOurKey).killed, 0u);
    const auto second = growth.advance(totals({{{fin_wait2, close}, 2}}, 1));
    EXPECT_EQ(second.at(kOurKey).expired, 1u);
    EXPECT_EQ(second.at(kOurKey).killed, 1u) << "of both readings, one was no expiry";
}

// What a namespace that has ended has made the kernel count is from then on counted of none: nothing of it comes twice.
TEST(ExactGrowth, WhatIsCountedOfANamespaceThatHasEndedIsNotToldAgain) {
    constexpr ExactKey kOther{NamespaceId{2}, 9999, true};
    constexpr ExactKey kNobodys{NamespaceId{}, 9999, true};
    const std::size_t index = edge(close_wait, last_ack);
    ExactGrowth growth;
    ExactTotals counted;
    counted[kOurKey].edges[index] = 5;
    counted[kOther].edges[index] = 7;
    growth.advance(counted);
    growth.leave({kOther.space});
    counted[kNobodys] = counted[kOther];
    counted.erase(kOther);
    EXPECT_TRUE(growth.advance(counted).empty());
    growth.leave({kOurKey.space});
    counted[kNobodys].edges[index] += 5 + 1;  // one that came late
    counted.erase(kOurKey);
    const auto late = growth.advance(counted);
    ASSERT_EQ(late.size(), 1u);
    EXPECT_EQ(late.at(kNobodys).edges[index], 1u);
}

// Several namespaces may be watched, and polls count in those of which the kernel does not.
TEST(EventCounters, WherePollsCountTheyCountBesideTheKernel) {
    EventCounters counters(1);
    counters.count_exactly(true);
    Changes changes;
    changes.transitions.push_back(
        {{}, {0, 9999, Side::server}, {established, close_wait}, Evidence::seen, std::nullopt});
    counters.add(changes, false);
    counters.add(changes, true);
    const EventCounters::TransitionKey seen{0, Side::server, established, close_wait,
                                            Evidence::seen};
    EXPECT_EQ(counters.transitions.at(seen), 1u);
}

// Sums over evidence are edges: what the kernel counts of TCP polls do not.
TEST(EventCounters, AnEdgeIsCountedUnderOneEvidence) {
    EventCounters counters(1);
    counters.count_exactly(true);
    const WatchedPorts watch({{9999, 9999}});
    const PortMatch server{0, 9999, Side::server};
    Changes changes;
    changes.transitions.push_back(
        {{}, server, {established, close_wait}, Evidence::seen, std::nullopt});
    changes.ends.push_back({{}, server, close_wait, CloseWaitEnd::unknown, 3s});
    counters.add(changes);
    ExactGrowth growth;
    counters.add(growth.advance(totals({{{established, close_wait}, 4},
                                        {{close_wait, last_ack}, 2},
                                        {{close_wait, close}, 1},
                                        {{fin_wait2, time_wait}, 6}})),
                 watch);

    const auto count = [&](TcpState from, TcpState to, Evidence evidence) {
        return counters.transitions.at({0, Side::server, from, to, evidence});
    };
    EXPECT_EQ(count(established, close_wait, Evidence::exact), 4u);
    EXPECT_EQ(count(established, close_wait, Evidence::seen), 0u);
    const auto ended = [&](CloseWaitEnd how) {
        return counters.close_wait_ended.at({0, Side::server, how});
    };
    EXPECT_EQ(ended(CloseWaitEnd::closed), 2u);
    EXPECT_EQ(ended(CloseWaitEnd::aborted), 1u);
    EXPECT_EQ(ended(CloseWaitEnd::unknown), 0u);
    EXPECT_EQ(counters.fin_wait2_ended.at({0, Side::server, FinWait2End::peer_closed}), 6u);
    EXPECT_EQ(counters.durations.at({0, Side::server, close_wait}).count(), 1u)
        << "how long it lasted only polls tell";
}

// The kernel's programs do not count connections of MPTCP, nor anything once they are gone.
TEST(EventCounters, WhatTheKernelDoesNotCountPollsDo) {
    EventCounters counters(1);
    counters.count_exactly(true);
    const PortMatch server{0, 9999, Side::server};
    Transition transition{{}, server, {established, close_wait}, Evidence::seen, std::nullopt};
    transition.socket.protocol = Protocol::mptcp;
    Changes changes;
    changes.transitions.push_back(transition);
    counters.add(changes);
    const auto seen = [&] {
        return counters.transitions.at({0, Side::server, established, close_wait, Evidence::seen});
    };
    EXPECT_EQ(seen(), 1u);
    counters.count_exactly(false);
    changes.transitions.front().socket.protocol = Protocol::tcp;
    counters.add(changes);
    EXPECT_EQ(seen(), 2u);
}

TEST(EventCounters, EveryReasonForAResetIsThereFromTheStart) {
    EventCounters counters(1);
    EXPECT_TRUE(counters.resets.empty());
    counters.count_exactly(true);
    EXPECT_EQ(counters.resets.size(), 2 * (kResetReasons + 1));
    counters.relabel({"9999"}, {"80", "9999"});
    EXPECT_EQ(counters.resets.size(), 2 * 2 * (kResetReasons + 1));
}

}  // namespace halfclosed::tracking
