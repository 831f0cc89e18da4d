// What a tracker makes of what the kernel's programs know.

#include <gtest/gtest.h>

#include "sockets.h"
#include "tracking/tracker.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

Instant at(Duration time) {
    return Instant{time};
}

ExactSocket known(const End& end, TcpState state, std::optional<Instant> since) {
    ExactSocket socket;
    socket.identity = identity(held(end, state));
    socket.state = state;
    socket.since = since;
    return socket;
}

const SocketRecord kEstablished = held(kClient, established);
const SocketRecord kCloseWait = held(kClient, close_wait);

}  // namespace

TEST(ExactStory, ASocketIsAsOldAsTheKernelSays) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    tracker.observe(std::vector{kEstablished}, at(1s));
    tracker.annotate(std::vector{known(kClient, close_wait, at(1300ms))});
    tracker.observe(std::vector{kCloseWait}, at(2s));
    const TrackedSocket socket = tracker.sockets().front();
    EXPECT_EQ(socket.age(at(3s)), (Age{1700ms, Age::Kind::exact, std::nullopt}));
    EXPECT_TRUE(tracker.undated().empty());
}

TEST(ExactStory, OneThatWasThereBeforeTheProgramsIsDatedAsBefore) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    tracker.annotate(std::vector{known(kClient, close_wait, std::nullopt)});
    tracker.observe(std::vector{kCloseWait}, at(2s));
    EXPECT_EQ(tracker.sockets().front().dated, Age::Kind::at_least);
    EXPECT_EQ(tracker.undated().size(), 1u);
}

// Between the reading of the table and the dump it has gone on.
TEST(ExactStory, WhatIsSaidOfAnotherStateIsNotTakenForThisOne) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    tracker.observe(std::vector{kEstablished}, at(1s));
    tracker.annotate(std::vector{known(kClient, close_wait, at(1300ms))});
    tracker.observe(std::vector{held(kClient, last_ack)}, at(2s));
    EXPECT_NE(tracker.sockets().front().dated, Age::Kind::exact);
}

TEST(ExactStory, HowLongAStateLastedIsExactBetweenTwoExactDates) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    tracker.observe(std::vector{kEstablished}, at(1s));
    tracker.annotate(std::vector{known(kClient, close_wait, at(1300ms))});
    tracker.observe(std::vector{kCloseWait}, at(2s));
    tracker.annotate(std::vector{known(kClient, last_ack, at(2250ms))});
    const Changes changes = tracker.observe(std::vector{held(kClient, last_ack)}, at(3s));
    ASSERT_EQ(changes.ends.size(), 1u);
    EXPECT_EQ(changes.ends.front().held, Duration{950ms});
}

TEST(ExactStory, WhoReadEndOfFileIsKnownForAsLongAsItIsCloseWait) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    tracker.observe(std::vector{kEstablished}, at(1s));
    ExactSocket socket = known(kClient, close_wait, at(1300ms));
    socket.end_read = {at(1500ms), 812, 800};
    tracker.annotate(std::vector{socket});
    tracker.observe(std::vector{kCloseWait}, at(2s));
    EXPECT_EQ(tracker.sockets().front().end_read, socket.end_read);
    tracker.annotate({});
    tracker.observe(std::vector{held(kClient, last_ack)}, at(3s));
    EXPECT_EQ(tracker.sockets().front().end_read, std::nullopt);
}

}  // namespace halfclosed::tracking
