// TIME-WAIT: followed without being asked for, up to a bound.

#include <gtest/gtest.h>

#include "story.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

/// TIME-WAIT number `index` of a crowd; cookies from 1000.
SocketRecord one_of_many(std::size_t index, std::chrono::milliseconds expires) {
    const End end{Cookie{1'000 + index},
                  ipv4(1, 9999),
                  {{Family::ipv4, {10, 0, static_cast<std::uint8_t>(index / 60'000), 1}},
                   static_cast<std::uint16_t>(1 + index % 60'000)}};
    return minisock(end, time_wait, expires);
}

}  // namespace

TEST(TimeWaitStory, NothingIsAskedBeforeItsTimeIsUp) {
    Story story;
    story.look(0s, {});
    story.look(1s, {minisock(kServer, time_wait, 59'900ms)})
        .brings({"server#1 established -> fin_wait1 implied"});
    story.look(2s, {}).misses({});
    story.look(60'800ms, {}).misses({});
    story.look(60'900ms, {}).misses({1});
    story.answer(60'900ms, {gone(kServer)}).brings({"server#1 time_wait -> close seen held 60s"});
    story.look(62s, {}).misses({});
}

TEST(TimeWaitStory, ALateTimerIsAskedForAgain) {
    Story story;
    story.look(0s, {minisock(kServer, time_wait, 500ms)});
    story.look(1s, {}).misses({1});
    story.answer(1s, {alive(minisock(kServer, time_wait, 0ms))});
    story.look(2s, {}).misses({1});
    story.answer(2s, {gone(kServer)}).brings({"server#1 time_wait -> close seen held 60.5s"});
}

// A census asks for TIME-WAIT, and the kernel's timers are late: one that it has is not missing, nor is it over.
TEST(TimeWaitStory, OneThatACensusHasWithItsTimeUpIsAskedForBeforeItIsOver) {
    Story story;
    story.look(0s, {minisock(kServer, time_wait, 500ms)});
    story.look(1s, {minisock(kServer, time_wait, 0ms)}).misses({});
    story.look(2s, {}).misses({1});
    story.answer(2s, {alive(minisock(kServer, time_wait, 0ms))});
    story.look(3s, {}).misses({1});
    story.answer(3s, {gone(kServer)}).brings({"server#1 time_wait -> close seen held 61.5s"});
}

// A FIN that came twice starts the minute again.
TEST(TimeWaitStory, AMinuteThatStartedAgainIsWaitedFor) {
    Story story;
    story.look(0s, {minisock(kServer, time_wait, 500ms)});
    story.look(1s, {}).misses({1});
    story.answer(1s, {alive(minisock(kServer, time_wait, 30s))});
    story.look(30s, {}).misses({});
    story.look(31s, {}).misses({1});
    story.answer(31s, {gone(kServer)}).brings({"server#1 time_wait -> close seen held 90.5s"});
}

// The closing poll does not ask for TIME-WAIT; the census does, and may be the second look.
TEST(TimeWaitStory, OneThatIsOlderThanOurWatchIsAdoptedInSilence) {
    Story story;
    story.look(0s, {});
    story.look(1s, {minisock(kServer, time_wait, 20s)});
    story.look(15s, {minisock(kServer, time_wait, 6s), minisock(again(kServer, 3), time_wait, 50s)})
        .brings({"server#3 established -> fin_wait1 implied"});
    story.look(22s, {}).misses({1});
    story.answer(22s, {gone(kServer)}).brings({"server#1 time_wait -> close seen held 60s"});
}

// The same after a change of ports: the first closing poll on a new port does not have its TIME-WAITs.
TEST(TimeWaitStory, OneThatIsOlderThanTheWatchOfItsPortIsAdoptedInSilence) {
    Tracker tracker(WatchedPorts({{80, 80}}));
    const Instant start{1h};
    tracker.observe({}, start);
    tracker.observe({}, start + 100s);
    tracker.watch_other(WatchedPorts({{80, 80}, {9999, 9999}}));
    tracker.observe({}, start + 101s);
    const SocketRecord old_one = minisock(kServer, time_wait, 20s);
    EXPECT_EQ(tracker.observe({&old_one, 1}, start + 115s), Changes{});
    const SocketRecord new_one = minisock(again(kServer, 3), time_wait, 58s);
    EXPECT_EQ(tracker.observe({&new_one, 1}, start + 116s).transitions.size(), 1u);
}

TEST(TimeWaitStory, BeyondTheBoundTheyAreNotFollowed) {
    std::vector<SocketRecord> crowd;
    for (std::size_t i = 0; i < Tracker::kMostTimeWaits + 100; ++i) {
        crowd.push_back(one_of_many(i, 30s));
    }
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    const Instant start{1h};
    EXPECT_EQ(tracker.observe(crowd, start), Changes{});
    tracker.observe({}, start + 31s);
    EXPECT_EQ(tracker.missing().size(), Tracker::kMostTimeWaits);
}

// Those that were seen in FIN-WAIT-2 come to TIME-WAIT however many there are: the way is told, then they are let go.
TEST(TimeWaitStory, BeyondTheBoundTheWayIsToldOnce) {
    constexpr std::size_t all = Tracker::kMostTimeWaits + 100;
    std::vector<SocketRecord> waiting;
    std::vector<Confirmation> closed;
    std::vector<SocketRecord> later;
    for (std::size_t i = 0; i < all; ++i) {
        SocketRecord record = one_of_many(i, 59s);
        record.state = fin_wait2;
        waiting.push_back(record);
        closed.push_back(alive(one_of_many(i, 30s)));
        later.push_back(one_of_many(i, 28s));
    }
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    const Instant start{1h};
    tracker.observe(waiting, start);
    tracker.observe({}, start + 1s);
    const Changes changes = tracker.confirm(closed, start + 1s);
    EXPECT_EQ(changes.transitions.size(), all);
    EXPECT_EQ(changes.ends.size(), all);

    std::vector<Confirmation> gone;
    tracker.observe({}, start + 32s);
    for (const SocketIdentity& socket : tracker.missing()) {
        gone.push_back({socket.cookie, std::nullopt});
    }
    EXPECT_EQ(gone.size(), Tracker::kMostTimeWaits);
    EXPECT_EQ(tracker.confirm(gone, start + 32s).transitions.size(), Tracker::kMostTimeWaits);

    // There is room again, and what had to be let go is no news.
    EXPECT_EQ(tracker.observe(later, start + 33s), Changes{});
}

}  // namespace halfclosed::tracking
