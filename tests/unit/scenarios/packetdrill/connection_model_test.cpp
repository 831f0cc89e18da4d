// What a script's calls and segments make of its connection. Each story is a script; the states that it passes through are
// written beside it.

#include "scenarios/packetdrill/connection_model.h"

#include <gtest/gtest.h>

#include "scenarios/packetdrill/script_parser.h"

namespace halfclosed::scenarios::packetdrill {
namespace {

/// Plays the events, every call returning what the script says, and gives the state after the last.
std::string after(const std::string& events) {
    const Script script = parse_script(events, "story.pkt");
    ConnectionModel model;
    for (const Event& event : script.events) {
        if (const auto* const call = std::get_if<Call>(&event.what)) {
            model.called(*call, call->result.value_or(0));
        } else if (const auto* const injected = std::get_if<Injected>(&event.what)) {
            model.injected(injected->segment);
        } else if (const auto* const expected = std::get_if<Expected>(&event.what)) {
            model.sent(expected->segment);
        }
    }
    const auto implied = model.implied();
    return implied ? to_string(*implied) : "not said";
}

const std::string kSyn =
    "0 listen(3, 1) = 0\n0 < S 0:0(0) win 9000\n0 > S. 0:0(0) ack 1 win 60000\n";
const std::string kQueued = kSyn + "0 < . 1:1(0) ack 1 win 9000\n";
const std::string kAccepted = kQueued + "0 accept(3, ..., ...) = 4\n";
const std::string kPeerClosed =
    kAccepted + "0 < F. 1:1(0) ack 1 win 9000\n0 > . 1:1(0) ack 2 win 60000\n";
const std::string kClosed = kAccepted + "0 close(4) = 0\n0 > F. 1:1(0) ack 1 win 60000\n";
const std::string kShut = kAccepted + "0 shutdown(4, SHUT_WR) = 0\n0 > F. 1:1(0) ack 1 win 60000\n";
const std::string kTimeWait = kShut + "0 < F. 1:1(0) ack 2 win 9000\n";

struct Story {
    std::string events;
    const char* state;
};

class PacketdrillModel : public testing::TestWithParam<Story> {};

TEST_P(PacketdrillModel, IsIn) {
    EXPECT_EQ(after(GetParam().events), GetParam().state) << GetParam().events;
}

INSTANTIATE_TEST_SUITE_P(
    Opens, PacketdrillModel,
    testing::Values(
        Story{"0 listen(3, 1) = 0", "CLOSE"}, Story{kSyn, "SYN-RECEIVED (handshake)"},
        Story{"0 listen(3, 1) = 0\n0 < SF 0:0(0) win 1", "CLOSE"},
        Story{kSyn + "0 < . 1:1(0) ack 9 win 1", "SYN-RECEIVED (handshake)"},
        Story{kSyn + "0 < R 1:1(0)", "CLOSE"}, Story{kQueued, "ESTABLISHED (accept_queue)"},
        Story{kAccepted, "ESTABLISHED (process)"},
        Story{"0 connect(3, ..., ...) = -1 EINPROGRESS", "SYN-SENT (process)"},
        Story{"0 connect(3, ..., ...) = -1 EINPROGRESS\n0 > S 0:0(0)\n0 < S. 0:0(0) ack 1 win 1",
              "ESTABLISHED (process)"},
        Story{"0 connect(3, ..., ...) = -1 EINPROGRESS\n0 > S 0:0(0)\n0 < S. 0:0(0) ack 7 win 1",
              "SYN-SENT (process)"},
        Story{"0 connect(3, ..., ...) = -1 EINPROGRESS\n0 > S 0:0(0)\n0 < R. 0:0(0) ack 1",
              "CLOSE"},
        Story{"0 connect(3, ..., ...) = -1 EINPROGRESS\n0 > S 0:0(0)\n0 close(3) = 0", "CLOSE"},
        Story{kQueued + "0 close(3) = 0", "CLOSE"}));

INSTANTIATE_TEST_SUITE_P(
    PeerClosesFirst, PacketdrillModel,
    testing::Values(
        Story{kQueued + "0 < F. 1:1(0) ack 1 win 1", "CLOSE-WAIT (accept_queue, not_accepted)"},
        Story{kPeerClosed, "CLOSE-WAIT (process, unread)"},
        Story{kPeerClosed + "0 read(4, ..., 9) = 0", "CLOSE-WAIT (process, not_closed)"},
        Story{kAccepted + "0 < F. 1:11(10) ack 1 win 1\n0 read(4, ..., 10) = 10",
              "CLOSE-WAIT (process)"},
        Story{kAccepted + "0 < F. 1:11(10) ack 1 win 1\n0 read(4, ..., 4) = 4",
              "CLOSE-WAIT (process, unread)"},
        Story{kAccepted + "0 < F. 1:11(10) ack 1 win 1\n0 close(4) = 0", "CLOSE"},
        Story{kPeerClosed + "0 shutdown(4, SHUT_WR) = 0", "LAST-ACK (process)"},
        Story{kPeerClosed + "0 close(4) = 0\n0 > F. 1:1(0) ack 2", "LAST-ACK (orphan)"},
        Story{kPeerClosed + "0 close(4) = 0\n0 > F. 1:1(0) ack 2\n0 < . 2:2(0) ack 1 win 1",
              "LAST-ACK (orphan)"},
        Story{kPeerClosed + "0 close(4) = 0\n0 > F. 1:1(0) ack 2\n0 < . 2:2(0) ack 2 win 1",
              "CLOSE"},
        Story{kPeerClosed + "0 < R 2:2(0)", "CLOSE"}, Story{kPeerClosed + "0 < R 1:1(0)", "CLOSE"},
        Story{kPeerClosed + "0 < R 3:3(0)", "CLOSE-WAIT (process, unread)"},
        Story{kPeerClosed + "0 < S 2:2(0) win 1", "CLOSE-WAIT (process, unread)"}));

INSTANTIATE_TEST_SUITE_P(
    WeCloseFirst, PacketdrillModel,
    testing::Values(
        Story{kClosed, "FIN-WAIT-1 (orphan)"}, Story{kShut, "FIN-WAIT-1 (process)"},
        Story{kClosed + "0 < . 1:1(0) ack 2 win 1", "FIN-WAIT-2 (timewait)"},
        Story{kShut + "0 < . 1:1(0) ack 2 win 1", "FIN-WAIT-2 (process)"},
        Story{kShut + "0 < . 1:9(8) ack 2 win 1", "FIN-WAIT-2 (process)"},
        Story{kClosed + "0 < . 1:1(0) ack 2 win 1\n0 < . 1:9(8) ack 2 win 1", "CLOSE"},
        Story{kAccepted + "0 shutdown(4, SHUT_RDWR) = 0\n0 > F. 1:1(0) ack 1 win 60000\n"
                          "0 < . 1:9(8) ack 2 win 1",
              "CLOSE"},
        Story{kShut + "0 < F. 1:1(0) ack 1 win 1", "CLOSING (process)"},
        Story{kShut + "0 < F. 1:1(0) ack 1 win 1\n0 < . 2:2(0) ack 2 win 1",
              "TIME-WAIT (timewait)"},
        Story{kTimeWait, "TIME-WAIT (timewait)"},
        // A FIN is taken in order, whatever acknowledged ours before.
        Story{kShut + "0 < F. 101:101(0) ack 2 win 1", "FIN-WAIT-2 (process)"},
        Story{kShut + "0 < F. 101:101(0) ack 2 win 1\n0 < . 1:101(100) ack 2 win 1",
              "TIME-WAIT (timewait)"},
        Story{kShut + "0 < . 2:2(0) ack 2 win 1\n0 < F. 1:1(0) ack 1 win 1",
              "TIME-WAIT (timewait)"},
        // The numbers wrap between the two.
        Story{"0 listen(3, 1) = 0\n0 < S 4294967200:4294967200(0) win 9\n"
              "0 > S. 0:0(0) ack 4294967201 win 60000\n0 < . 4294967201:4294967201(0) ack 1 win 9\n"
              "0 accept(3, ..., ...) = 4\n0 < F. 5:105(100) ack 1 win 9\n"
              "0 < . 4294967201:5(100) ack 1 win 9",
              "CLOSE-WAIT (process, unread)"},
        // Beyond the window nothing counts.
        Story{kShut + "0 < F. 60002:60002(0) ack 2 win 1", "FIN-WAIT-1 (process)"},
        Story{kShut + "0 < . 1:1(0) ack 99 win 1", "FIN-WAIT-1 (process)"},
        Story{kTimeWait + "0 < F. 1:1(0) ack 2 win 1", "TIME-WAIT (timewait)"},
        Story{kTimeWait + "0 < R 2:2(0)", "CLOSE"},
        Story{kTimeWait + "0 < R 1:1(0)", "TIME-WAIT (timewait)"},
        Story{kTimeWait + "0 < S 1:1(0) win 1", "TIME-WAIT (timewait)"},
        Story{kTimeWait + "0 < S 9:9(0) win 1", "not said"},
        Story{kAccepted + "0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0\n0 "
                          "close(4) = 0",
              "CLOSE"},
        Story{kAccepted + "0 setsockopt(4, SOL_TCP, TCP_USER_TIMEOUT, [10], 4) = 0", "not said"},
        Story{kShut + "0 > R. 2:2(0) ack 1", "CLOSE"}));

TEST(PacketdrillModelEdges, AreToldOnceAndInOrder) {
    ConnectionModel model;
    for (const Event& event : parse_script(kTimeWait, "story.pkt").events) {
        if (const auto* const call = std::get_if<Call>(&event.what)) {
            model.called(*call, *call->result);
        } else if (const auto* const injected = std::get_if<Injected>(&event.what)) {
            model.injected(injected->segment);
        } else {
            model.sent(std::get<Expected>(event.what).segment);
        }
    }
    const std::vector<tracking::Edge> edges = model.take_edges();
    ASSERT_EQ(edges.size(), 5U);
    EXPECT_EQ(edges[2], (tracking::Edge{TcpState::established, TcpState::fin_wait1}));
    EXPECT_EQ(edges[3], (tracking::Edge{TcpState::fin_wait1, TcpState::fin_wait2}));
    EXPECT_EQ(edges[4], (tracking::Edge{TcpState::fin_wait2, TcpState::time_wait}));
    EXPECT_TRUE(model.take_edges().empty());
}

TEST(PacketdrillModelPlace, IsThatOfTheWindow) {
    ConnectionModel model;
    for (const Event& event : parse_script(kSyn, "story.pkt").events) {
        if (const auto* const injected = std::get_if<Injected>(&event.what)) {
            model.injected(injected->segment);
        } else if (const auto* const expected = std::get_if<Expected>(&event.what)) {
            model.sent(expected->segment);
        } else {
            model.called(std::get<Call>(event.what), 0);
        }
    }
    const auto place = [&model](std::uint32_t sequence) {
        return model.place({"R", sequence, 0, std::nullopt, std::nullopt, {}});
    };
    EXPECT_EQ(place(0), "before");
    EXPECT_EQ(place(1), "at");
    EXPECT_EQ(place(60'000), "in");
    EXPECT_EQ(place(60'001), "beyond");
}

}  // namespace
}  // namespace halfclosed::scenarios::packetdrill
