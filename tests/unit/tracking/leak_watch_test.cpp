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

    EXPECT_EQ(leaks.observe(sockets, kLeakAfter, start + 60s), LeakChanges{});
    const LeakChanges began = leaks.observe(sockets, kLeakAfter, start + 61s);
    ASSERT_EQ(began.began.size(), 1U);
    EXPECT_EQ(began.began[0].record.cookie, kServer.cookie);
    EXPECT_EQ(leaks.observe(sockets, kLeakAfter, start + 62s), LeakChanges{});

    const LeakChanges ended = leaks.observe({}, kLeakAfter, start + 63s);
    EXPECT_TRUE(ended.began.empty());
    ASSERT_EQ(ended.ended.size(), 1U);
    EXPECT_EQ(ended.ended[0].record.cookie, kServer.cookie);
    EXPECT_EQ(leaks.observe({}, kLeakAfter, start + 64s), LeakChanges{});
    EXPECT_EQ(leaks.size(), 0U);
}

TEST(LeakWatch, ASocketThatMovedOnHasNotLeakedAnyMore) {
    LeakWatch leaks;
    const Instant start{100s};
    leaks.observe(std::vector{stuck(kServer, close_wait, start)}, kLeakAfter, start + 61s);
    const auto changes =
        leaks.observe(std::vector{stuck(kServer, last_ack, start + 61s)}, kLeakAfter, start + 62s);
    EXPECT_EQ(changes.ended.size(), 1U);
}

TEST(LeakWatch, OnlyCloseWaitLeaks) {
    LeakWatch leaks;
    const Instant start{100s};
    const std::vector<TrackedSocket> sockets{stuck(kServer, fin_wait2, start)};
    EXPECT_EQ(leaks.observe(sockets, kLeakAfter, start + 3600s), LeakChanges{});
}

}  // namespace
}  // namespace halfclosed::tracking
