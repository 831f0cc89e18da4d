#include "tracking/counted_sockets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sockets.h"
#include "tracking/tracker.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

constexpr std::size_t kDetail = 10;
constexpr std::uint64_t kCrowd = 1'000;
const Instant kFirstLook{1h};

TrackedSocket socket_of(std::uint64_t cookie) {
    TrackedSocket socket;
    socket.record = held(again(kServer, cookie), close_wait);
    return socket;
}

SocketRecord one_of_a_crowd(std::uint64_t number, TcpState state = close_wait) {
    return held({Cookie{1'000 + number},
                 ipv4(1, 9999),
                 {{Family::ipv4, {10, 0, 0, 1}}, static_cast<std::uint16_t>(1 + number)}},
                state);
}

std::vector<SocketRecord> crowd(std::uint64_t from = 0, TcpState state = close_wait) {
    std::vector<SocketRecord> records;
    for (std::uint64_t i = from; i < kCrowd; ++i) {
        records.push_back(one_of_a_crowd(i, state));
    }
    return records;
}

SharedBounds bounds_of(std::size_t detail) {
    auto bounds = std::make_shared<TrackerBounds>();
    bounds->detail.set(detail);
    return bounds;
}

Tracker small_tracker() {
    Tracker tracker(WatchedPorts({{9999, 9999}}), bounds_of(kDetail));
    tracker.observe({}, kFirstLook);
    return tracker;
}

}  // namespace

// Held against a std::set: what is erased leaves no hole that a search ends at.
TEST(CountedSockets, AreASetOfCookies) {
    CountedSockets counted;
    std::set<std::uint64_t> expected;
    std::uint64_t random = 1;
    for (int step = 0; step < 20'000; ++step) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        const std::uint64_t cookie = 1 + (random >> 33U) % 3'000;
        if ((random >> 20U) % 3 == 0) {
            counted.erase(Cookie{cookie});
            expected.erase(cookie);
        } else {
            EXPECT_TRUE(counted.add(socket_of(cookie), 1));
            expected.insert(cookie);
        }
    }
    EXPECT_EQ(counted.size(), expected.size());
    for (std::uint64_t cookie = 1; cookie <= 3'000; ++cookie) {
        EXPECT_EQ(counted.find(Cookie{cookie}) != nullptr, expected.contains(cookie)) << cookie;
    }
}

TEST(CountedSockets, HaveABound) {
    CountedSockets counted;
    for (std::uint64_t cookie = 1; cookie <= CountedSockets::kMost; ++cookie) {
        ASSERT_TRUE(counted.add(socket_of(cookie), 1));
    }
    EXPECT_FALSE(counted.add(socket_of(CountedSockets::kMost + 1), 1));
    EXPECT_TRUE(counted.add(socket_of(1), 2)) << "it is there already";
    EXPECT_LE(sizeof(CountedSockets::Socket), 48U);
}

TEST(CountedSockets, AboveTheBoundCountsAndEdgesStayRight) {
    Tracker tracker = small_tracker();
    const Changes changes = tracker.observe(crowd(), kFirstLook + 1s);
    EXPECT_EQ(changes.transitions.size(), kCrowd);
    EXPECT_EQ(tracker.sockets().size(), kDetail);
    const WithoutDetail rest = tracker.without_detail(60s, kFirstLook + 1s);
    EXPECT_EQ(rest.sockets, kCrowd - kDetail);
    EXPECT_EQ(rest.counts.count(0, Side::server, close_wait, Custody::process), kCrowd - kDetail);
    EXPECT_TRUE(rest.leaks.empty());
    EXPECT_EQ(tracker.observe(crowd(), kFirstLook + 2s), Changes{}) << "each edge is told once";
}

TEST(CountedSockets, LeakByTheirCgroup) {
    Tracker tracker = small_tracker();
    tracker.observe(crowd(), kFirstLook + 1s);
    tracker.observe(crowd(), kFirstLook + 62s);
    const WithoutDetail rest = tracker.without_detail(60s, kFirstLook + 62s);
    const std::map<CountedLeak, std::uint64_t> expected{
        {{0, Side::server, Cause::not_closed, 4242}, kCrowd - kDetail}};
    EXPECT_EQ(rest.leaks, expected);
    EXPECT_EQ(rest.oldest.at({0, Side::server, close_wait}), 61s);
}

TEST(CountedSockets, GoOnToOtherStates) {
    Tracker tracker = small_tracker();
    tracker.observe(crowd(), kFirstLook + 1s);
    const Changes changes = tracker.observe(crowd(0, last_ack), kFirstLook + 2s);
    EXPECT_EQ(changes.ends.size(), kCrowd);
    for (const StateEnd& end : changes.ends) {
        EXPECT_EQ(end.how, StateEnd::How(CloseWaitEnd::closed));
        EXPECT_EQ(end.held, std::optional<Duration>(1s));
    }
    EXPECT_EQ(tracker.without_detail(60s, kFirstLook + 2s)
                  .counts.count(0, Side::server, last_ack, Custody::process),
              kCrowd - kDetail);
}

TEST(CountedSockets, HaveEndedWhenTwoDumpsDoNotHaveThem) {
    Tracker tracker = small_tracker();
    tracker.observe(crowd(), kFirstLook + 1s);
    EXPECT_EQ(tracker.observe({}, kFirstLook + 2s), Changes{});
    EXPECT_EQ(tracker.missing().size(), kDetail);
    EXPECT_EQ(tracker.without_detail(60s, kFirstLook + 2s).sockets, 0U);
    const Changes changes = tracker.observe({}, kFirstLook + 3s);
    EXPECT_EQ(changes.ends.size(), kCrowd);
    EXPECT_EQ(changes.unconfirmed, kCrowd);
    EXPECT_EQ(tracker.observe({}, kFirstLook + 4s), Changes{});
}

TEST(CountedSockets, AreKeptInDetailOnceThereIsRoom) {
    Tracker tracker = small_tracker();
    tracker.observe(crowd(), kFirstLook + 1s);
    const std::vector<SocketRecord> rest = crowd(kCrowd - kDetail);
    tracker.observe(rest, kFirstLook + 2s);
    tracker.observe(rest, kFirstLook + 3s);
    tracker.observe(rest, kFirstLook + 4s);
    EXPECT_EQ(tracker.without_detail(60s, kFirstLook + 4s).sockets, 0U);
    const std::vector<TrackedSocket> sockets = tracker.sockets();
    ASSERT_EQ(sockets.size(), kDetail);
    for (const TrackedSocket& socket : sockets) {
        EXPECT_EQ(socket.age(kFirstLook + 4s), (Age{3s, Age::Kind::observed}));
        EXPECT_EQ(socket.record, one_of_a_crowd(socket.record.remote.port - 1U));
    }
}

// Most of a storm is gone with the next look; what stays is kept in detail bit by bit.
TEST(CountedSockets, OfAStormOneLookTakesAThousandInDetail) {
    Tracker tracker(WatchedPorts({{9999, 9999}}), bounds_of(5'000));
    tracker.observe({}, kFirstLook);
    std::vector<SocketRecord> storm;
    for (std::uint64_t i = 0; i < 3'000; ++i) {
        storm.push_back(one_of_a_crowd(i));
    }
    for (std::size_t look = 1; look <= 4; ++look) {
        const Instant now = kFirstLook + look * 1s;
        const std::size_t edges = tracker.observe(storm, now).transitions.size();
        EXPECT_EQ(edges, look == 1 ? storm.size() : 0U);
        const std::size_t detail = std::min(look * Tracker::kMostInDetailPerLook, storm.size());
        EXPECT_EQ(tracker.sockets().size(), detail);
        EXPECT_EQ(tracker.without_detail(60s, now).sockets, storm.size() - detail);
    }
    EXPECT_EQ(tracker.sockets().front().age(kFirstLook + 4s), (Age{3s, Age::Kind::observed}));
}

TEST(CountedSockets, WhatWasThereBeforeTheFirstLookIsKeptInDetail) {
    Tracker tracker(WatchedPorts({{9999, 9999}}), bounds_of(5'000));
    std::vector<SocketRecord> crowd;
    for (std::uint64_t i = 0; i < 3'000; ++i) {
        crowd.push_back(one_of_a_crowd(i));
    }
    tracker.observe(crowd, kFirstLook);
    EXPECT_EQ(tracker.sockets().size(), crowd.size());
}

TEST(CountedSockets, FollowAReloadByTheirPort) {
    Tracker tracker = small_tracker();
    tracker.observe(crowd(), kFirstLook + 1s);
    tracker.watch_other(WatchedPorts({{8000, 8000}, {9999, 9999}}));
    EXPECT_EQ(tracker.observe(crowd(), kFirstLook + 2s), Changes{});
    EXPECT_EQ(tracker.without_detail(60s, kFirstLook + 2s)
                  .counts.count(1, Side::server, close_wait, Custody::process),
              kCrowd - kDetail);
    tracker.watch_other(WatchedPorts({{8000, 8000}}));
    EXPECT_EQ(tracker.without_detail(60s, kFirstLook + 2s).sockets, 0U);
}

TEST(CountedSockets, TimeWaitTakesNoPlaceOfTheirs) {
    Tracker tracker = small_tracker();
    tracker.observe(crowd(0, fin_wait2), kFirstLook + 1s);
    std::vector<SocketRecord> over;
    for (std::uint64_t i = 0; i < kCrowd; ++i) {
        SocketRecord record = one_of_a_crowd(i, time_wait);
        record.timer = {Timer::Kind::timewait, 0, 59'900ms};
        over.push_back(record);
    }
    const Changes changes = tracker.observe(over, kFirstLook + 2s);
    EXPECT_EQ(changes.ends.size(), kCrowd);
    EXPECT_EQ(tracker.without_detail(60s, kFirstLook + 2s).sockets, 0U);
    EXPECT_TRUE(tracker.missing().empty());
}

// Told by who saw it come, not asked for: counted, as held by a process; it has no detail until it is asked for.
TEST(Tracker, CountsWhatItKnowsInBriefAndTakesItsDetailLater) {
    Tracker tracker(WatchedPorts({{9999, 9999}}), bounds_of(kDetail));
    tracker.observe({}, kFirstLook);
    SocketRecord brief = one_of_a_crowd(1);
    const SocketRecord full = brief;
    brief.brief = true;
    brief.inode = 0;
    tracker.observe(std::vector{brief}, kFirstLook + 1s);
    EXPECT_TRUE(tracker.sockets().empty());
    WithoutDetail without = tracker.without_detail(1min, kFirstLook + 1s);
    EXPECT_EQ(without.sockets, 1u);
    EXPECT_EQ(without.counts.count(0, Side::server, close_wait, Custody::process), 1u);
    tracker.observe(std::vector{brief}, kFirstLook + 2s);
    EXPECT_TRUE(tracker.sockets().empty());
    tracker.observe(std::vector{full}, kFirstLook + 3s);
    ASSERT_EQ(tracker.sockets().size(), 1u);
    EXPECT_EQ(tracker.sockets()[0].record.inode, full.inode);
    // Known in full it stays so.
    tracker.observe(std::vector{brief}, kFirstLook + 4s);
    ASSERT_EQ(tracker.sockets().size(), 1u);
    EXPECT_EQ(tracker.sockets()[0].record, full);
    EXPECT_EQ(tracker.without_detail(1min, kFirstLook + 4s).sockets, 0u);
}

}  // namespace halfclosed::tracking
