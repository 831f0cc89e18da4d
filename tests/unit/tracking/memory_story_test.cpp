// What a tracker is told from outside: the ages of an earlier life, and other ports to watch.

#include <gtest/gtest.h>

#include "sockets.h"
#include "tracking/tracker.h"

namespace halfclosed::tracking {
namespace {

using enum TcpState;

constexpr Instant kRestart{1000s};

Tracker tracker_of(std::uint16_t port) {
    return Tracker(WatchedPorts({{port, port}}));
}

TEST(MemoryStory, ASocketThatStoodAllAlongKeepsItsAge) {
    Tracker tracker = tracker_of(9999);
    tracker.recall(
        std::vector<KnownAge>{{kServer.cookie, close_wait, kRestart - 300s, Age::Kind::observed}});
    tracker.observe(std::vector{held(kServer, close_wait)}, kRestart);
    ASSERT_EQ(tracker.sockets().size(), 1U);
    EXPECT_EQ(tracker.sockets()[0].age(kRestart), (Age{300s, Age::Kind::observed}));
    EXPECT_TRUE(tracker.undated().empty());
}

TEST(MemoryStory, ASocketInAnotherStateByNowDoesNot) {
    Tracker tracker = tracker_of(9999);
    tracker.recall(
        std::vector<KnownAge>{{kServer.cookie, fin_wait1, kRestart - 300s, Age::Kind::observed}});
    tracker.observe(std::vector{held(kServer, close_wait)}, kRestart);
    EXPECT_EQ(tracker.sockets()[0].age(kRestart), (Age{0s, Age::Kind::at_least}));
    EXPECT_EQ(tracker.undated().size(), 1U);
}

TEST(MemoryStory, WhatTheFirstLookDoesNotFindIsForgotten) {
    Tracker tracker = tracker_of(9999);
    tracker.recall(
        std::vector<KnownAge>{{kServer.cookie, close_wait, kRestart - 300s, Age::Kind::observed}});
    tracker.observe({}, kRestart);
    tracker.observe(std::vector{held(kServer, close_wait)}, kRestart + 1s);
    EXPECT_EQ(tracker.sockets()[0].age(kRestart + 1s), (Age{0s, Age::Kind::observed}));
}

TEST(MemoryStory, AnotherPortIsAdoptedInSilenceAndTheOldOneIsFollowedOn) {
    const End other{Cookie{7}, ipv4(1, 8000), ipv4(1, 41000)};
    Tracker tracker = tracker_of(9999);
    tracker.observe(std::vector{held(kServer, close_wait), held(other, close_wait)}, kRestart);
    ASSERT_EQ(tracker.sockets().size(), 1U);

    tracker.watch_other(WatchedPorts({{8000, 8000}, {9999, 9999}}));
    const auto adopted = tracker.observe(
        std::vector{held(kServer, close_wait), held(other, close_wait)}, kRestart + 1s);
    EXPECT_EQ(adopted, Changes{});
    for (const TrackedSocket& socket : tracker.sockets()) {
        const bool old = socket.record.cookie == kServer.cookie;
        EXPECT_EQ(socket.watched.label, old ? 1U : 0U);
        EXPECT_EQ(socket.since, old ? kRestart : kRestart + 1s);
    }

    const auto moved = tracker.observe(
        std::vector{orphaned(kServer, last_ack), held(other, close_wait)}, kRestart + 2s);
    ASSERT_EQ(moved.transitions.size(), 1U);
    EXPECT_EQ(moved.transitions[0].watched.label, 1U);
}

TEST(MemoryStory, APortThatIsNoLongerWatchedEndsNothing) {
    Tracker tracker = tracker_of(9999);
    tracker.observe(std::vector{held(kServer, close_wait)}, kRestart);
    tracker.watch_other(WatchedPorts({{8000, 8000}}));
    EXPECT_TRUE(tracker.sockets().empty());
    EXPECT_EQ(tracker.observe({}, kRestart + 1s), Changes{});
    EXPECT_TRUE(tracker.missing().empty());
}

TEST(MemoryStory, ANewSocketOfAPortThatStaysIsCountedAlsoInTheLookAfterAReload) {
    Tracker tracker = tracker_of(9999);
    tracker.observe({}, kRestart);
    tracker.watch_other(WatchedPorts({{8000, 8000}, {9999, 9999}}));
    const auto changes = tracker.observe(std::vector{held(kServer, close_wait)}, kRestart + 1s);
    ASSERT_EQ(changes.transitions.size(), 1U);
    EXPECT_EQ(changes.transitions[0].edge, (Edge{established, close_wait}));
}

// After a reload the first look is a census, which has learnt who listens and says so before.
TEST(MemoryStory, ANewSocketOfAPortThatStaysIsCountedAlsoInTheCensusAfterAReload) {
    const End other{Cookie{7}, ipv4(1, 8000), ipv4(1, 41000)};
    Tracker tracker = tracker_of(9999);
    tracker.observe({}, kRestart);
    tracker.watch_other(WatchedPorts({{8000, 8000}, {9999, 9999}}));
    tracker.learn(tracker.watch());
    const auto changes = tracker.observe(
        std::vector{held(kServer, close_wait), held(other, close_wait)}, kRestart + 1s);
    ASSERT_EQ(changes.transitions.size(), 1U);
    EXPECT_EQ(changes.transitions[0].socket.cookie, kServer.cookie);
    EXPECT_EQ(changes.transitions[0].edge, (Edge{established, close_wait}));
}

}  // namespace
}  // namespace halfclosed::tracking
