#include "tracking/leak_watch.h"

#include <gtest/gtest.h>

#include "sockets.h"

namespace halfclosed::tracking {
namespace {

using enum TcpState;

constexpr Duration kLeakAfter = 60s;

TrackedSocket stuck(const End& end, TcpState state, Instant since) {
    TrackedSocket socket;
    socket.record = held(end, state);
    socket.watched = {0, 9999, Side::server};
    socket.cause = cause(socket.record);
    socket.since = since;
    socket.dated = Age::Kind::observed;
    return socket;
}

TEST(LeakWatch, TellsALeakOnceWhenItBeginsAndOnceWhenItIsOver) {
    LeakWatch leaks;
    const Instant start{100s};
    const std::vector<TrackedSocket> sockets{stuck(kServer, close_wait, start)};

    EXPECT_EQ(leaks.observe(sockets, {}, kLeakAfter, start + 60s), LeakChanges{});
    const LeakChanges began = leaks.observe(sockets, {}, kLeakAfter, start + 61s);
    ASSERT_EQ(began.began.size(), 1U);
    EXPECT_EQ(began.began[0].record.cookie, kServer.cookie);
    EXPECT_EQ(leaks.observe(sockets, {}, kLeakAfter, start + 62s), LeakChanges{});

    const LeakChanges ended = leaks.observe({}, {}, kLeakAfter, start + 63s);
    EXPECT_TRUE(ended.began.empty());
    ASSERT_EQ(ended.ended.size(), 1U);
    EXPECT_EQ(ended.ended[0].record.cookie, kServer.cookie);
    EXPECT_EQ(leaks.observe({}, {}, kLeakAfter, start + 64s), LeakChanges{});
    EXPECT_EQ(leaks.size(), 0U);
}

TEST(LeakWatch, ASocketThatMovedOnHasNotLeakedAnyMore) {
    LeakWatch leaks;
    const Instant start{100s};
    leaks.observe(std::vector{stuck(kServer, close_wait, start)}, {}, kLeakAfter, start + 61s);
    const auto changes = leaks.observe(std::vector{stuck(kServer, last_ack, start + 61s)}, {},
                                       kLeakAfter, start + 62s);
    EXPECT_EQ(changes.ended.size(), 1U);
}

TEST(LeakWatch, OnlyCloseWaitLeaks) {
    LeakWatch leaks;
    const Instant start{100s};
    const std::vector<TrackedSocket> sockets{stuck(kServer, fin_wait2, start)};
    EXPECT_EQ(leaks.observe(sockets, {}, kLeakAfter, start + 3600s), LeakChanges{});
}

// The peer resets what was leaked: the descriptor is as open as before.
TEST(LeakWatch, ADeadSocketIsTheSameLeakUntilItsDescriptorIsClosed) {
    LeakWatch leaks;
    const Instant start{100s};
    TrackedSocket socket = stuck(kServer, close_wait, start);
    leaks.observe(std::vector{socket}, {}, kLeakAfter, start + 61s);
    socket.record.state = TcpState::close;
    const std::vector<DeadSocket> dead{{socket, start + 62s}};
    const LeakChanges died = leaks.observe({}, dead, kLeakAfter, start + 62s);
    EXPECT_EQ(died, (LeakChanges{{}, {socket}, {}, {}}));
    EXPECT_EQ(leaks.observe({}, dead, kLeakAfter, start + 63s), LeakChanges{});
    EXPECT_EQ(leaks.observe({}, {}, kLeakAfter, start + 64s), (LeakChanges{{}, {}, {socket}, {}}));
}

// Keepalive probes of 15 s and a threshold of 60 s: it becomes a leak when it has long been dead.
TEST(LeakWatch, ADeadSocketBecomesALeakWhenItIsOldEnough) {
    LeakWatch leaks;
    const Instant start{100s};
    TrackedSocket socket = stuck(kServer, TcpState::close, start);
    const std::vector<DeadSocket> dead{{socket, start + 15s}};
    EXPECT_EQ(leaks.observe({}, dead, kLeakAfter, start + 60s), LeakChanges{});
    EXPECT_EQ(leaks.observe({}, dead, kLeakAfter, start + 61s),
              (LeakChanges{{socket}, {}, {}, {}}));
}

TEST(LeakWatch, WhatSendsAgainIsNoLeakAnyMore) {
    LeakWatch leaks;
    const Instant start{100s};
    TrackedSocket socket = stuck(kServer, close_wait, start);
    leaks.observe(std::vector{socket}, {}, kLeakAfter, start + 61s);
    socket.last_sent = start + 62s;
    socket.cause = Cause::sending;
    EXPECT_EQ(leaks.observe(std::vector{socket}, {}, kLeakAfter, start + 62s),
              (LeakChanges{{}, {}, {}, {socket}}));
    socket.cause = Cause::not_closed;
    EXPECT_EQ(leaks.observe(std::vector{socket}, {}, kLeakAfter, start + 122s), LeakChanges{});
    EXPECT_EQ(leaks.observe(std::vector{socket}, {}, kLeakAfter, start + 123s).began.size(), 1U);
}

}  // namespace
}  // namespace halfclosed::tracking
