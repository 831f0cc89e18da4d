// Steps that no program was told of: the table says where a socket was last seen, and its next event fills the gap. Here
// the table is made to say that a socket was last seen in a state that it has left.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "exact/untold_steps.h"
#include "netlink/socket_namespace.h"
#include "tally.h"

namespace halfclosed {

namespace {

using enum TcpState;
using ground::Connection;
using ground::Network;
using tracking::Edge;
using tracking::Side;

/// One for each test: what another has left in TIME-WAIT is none of it.
std::uint16_t next_skipped_port() {
    static std::uint16_t port = 6'000;
    return ++port;
}

class SkippedSteps : public testing::TestWithParam<Network> {
 protected:
    SkippedSteps() : batch_(make_batch(GetParam(), Side::server, port_, 1)) {}

    /// From now on the server's end was last seen in `last_seen`, and nothing has been counted.
    void forget_since(TcpState last_seen) {
        source_.watch(space_, {{port_, port_}}, {port_});
        for (SocketRecord record : ground::look(kHalfClosedStates)) {
            if (record.local.port == port_) {
                record.state = last_seen;
                record.timer = {};
                source_.adopt({space_, port_, true}, record);
            }
        }
    }

    /// Those of the server's end that were counted; once `last` was, or after 20 s.
    std::vector<Edge> counted(Edge last) {
        std::vector<Edge> edges;
        eventually([&] {
            edges = counted();
            return std::find(edges.begin(), edges.end(), last) != edges.end();
        });
        return edges;
    }

    std::vector<Edge> counted() {
        std::vector<Edge> edges;
        const auto& names = tracking::closing_edges();
        for (const auto& [key, counts] : source_.read()) {
            for (std::size_t index = 0; key.server && index < counts.edges.size(); ++index) {
                edges.insert(edges.end(), counts.edges[index], names[index]);
            }
        }
        return edges;
    }

    Connection& connection() { return batch_.connections.front(); }

    const std::uint16_t port_ = next_skipped_port();
    exact::Source source_;
    NamespaceId space_ = netlink::own_namespace();

 private:
    Batch batch_;
};

TEST_P(SkippedSteps, OfAFullSocketAreCountedWithItsNextOne) {
    connection().first().shut_down();
    wait_for(fin_wait2, connection().first());
    forget_since(fin_wait1);
    connection().second().close();
    EXPECT_THAT(
        counted({fin_wait2, time_wait}),
        testing::UnorderedElementsAre(Edge{fin_wait1, fin_wait2}, Edge{fin_wait2, time_wait}));
}

TEST_P(SkippedSteps, OfAFullSocketAreCountedWhenItIsReset) {
    connection().first().shut_down();
    wait_for(fin_wait2, connection().first());
    forget_since(fin_wait1);
    connection().second().reset();
    EXPECT_THAT(counted({fin_wait2, close}),
                testing::UnorderedElementsAre(Edge{fin_wait1, fin_wait2}, Edge{fin_wait2, close}));
}

TEST_P(SkippedSteps, OfAClosedSocketAreCountedWhenItsPeerResetsIt) {
    connection().first().shut_down();
    wait_for(fin_wait2, connection().first());
    connection().first().close();
    forget_since(fin_wait1);
    connection().second().reset();
    EXPECT_THAT(counted({fin_wait2, close}),
                testing::UnorderedElementsAre(Edge{fin_wait1, fin_wait2}, Edge{fin_wait2, close}));
    EXPECT_THAT(source_.sockets(), testing::IsEmpty());
}

/// By the packet that is dropped, or by a poll that asks.
TEST_P(SkippedSteps, OfAClosedSocketAreCountedWhenItsPeerClosesToo) {
    connection().first().shut_down();
    wait_for(fin_wait2, connection().first());
    connection().first().close();
    forget_since(fin_wait1);
    const std::vector<ExactSocket> known = source_.sockets();
    ASSERT_EQ(known.size(), 1U);
    connection().second().close();
    const auto waits = [&] {
        const auto waiting = ground::look(StateSet{time_wait});
        return std::any_of(waiting.begin(), waiting.end(),
                           [&](const SocketRecord& record) { return record.local.port == port_; });
    };
    ASSERT_TRUE(eventually(waits));
    source_.confirm_time_wait(known.front().identity.cookie);
    EXPECT_THAT(
        counted({fin_wait2, time_wait}),
        testing::UnorderedElementsAre(Edge{fin_wait1, fin_wait2}, Edge{fin_wait2, time_wait}));
    EXPECT_THAT(source_.sockets(), testing::IsEmpty());
}

// No event follows its last step: a poll asks for it in vain.
TEST_P(SkippedSteps, IntoTheEndAreCountedWhenItIsGone) {
    connection().first().shut_down();
    wait_for(fin_wait2, connection().first());
    forget_since(last_ack);
    const std::vector<ExactSocket> known = source_.sockets();
    ASSERT_EQ(known.size(), 1U);
    for (int time = 0; time < 2; ++time) {
        source_.confirm_gone(known.front().identity.cookie, Instant{});
    }
    EXPECT_THAT(counted(), testing::ElementsAre(Edge{last_ack, close}));
    EXPECT_THAT(source_.sockets(), testing::IsEmpty());
}

TEST(UntoldSteps, OfAMinisockThatIsGoneAreCountedWhenItsTimeWasUp) {
    exact_socket socket{};
    socket.state = socket.minisock = static_cast<__u8>(fin_wait2);
    socket.minisock_at = 1'000;
    socket.minisock_ticks = 10;
    constexpr std::chrono::nanoseconds kTick{100};
    const auto expired = [&](std::chrono::nanoseconds now, std::chrono::nanoseconds tick) {
        const exact_counters steps = exact::steps_to_the_end(socket, Instant{now}, tick);
        EXPECT_EQ(steps.values[EXACT_FIN_WAIT2_CLOSE], steps.values[EXACT_FIN_WAIT2_EXPIRED]);
        return steps.values[EXACT_FIN_WAIT2_EXPIRED];
    };
    EXPECT_EQ(expired(std::chrono::nanoseconds{2'000}, kTick), 1U);
    EXPECT_EQ(expired(std::chrono::nanoseconds{1'999}, kTick), 0U) << "made room for another";
    EXPECT_EQ(expired(std::chrono::nanoseconds{2'000}, {}), 0U) << "nobody knows when";
    socket.minisock = 0;
    EXPECT_EQ(expired(std::chrono::nanoseconds{2'000}, kTick), 0U) << "it is a full socket";
}

TEST_P(SkippedSteps, ThatTheTableHasAlreadyAreNotCountedAgain) {
    source_.watch(space_, {{port_, port_}}, {port_});
    for (SocketRecord record : ground::look()) {
        if (record.local.port == port_ && record.state == established) {
            record.state = fin_wait1;
            source_.adopt({space_, port_, true}, record);
        }
    }
    connection().first().shut_down();
    EXPECT_THAT(counted({fin_wait1, fin_wait2}), testing::ElementsAre(Edge{fin_wait1, fin_wait2}));
}

INSTANTIATE_TEST_SUITE_P(Over, SkippedSteps, testing::ValuesIn(ground::kNetworks),
                         [](const auto& test) { return ground::name(test.param); });

}  // namespace

}  // namespace halfclosed
