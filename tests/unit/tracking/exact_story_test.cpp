// What a tracker makes of what the kernel's programs know.

#include <gtest/gtest.h>

#include <memory>

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

Annotations annotations(const ExactSocket& socket) {
    Annotations result;
    result.add(socket);
    result.sort();
    return result;
}

const SocketRecord kEstablished = held(kClient, established);
const SocketRecord kCloseWait = held(kClient, close_wait);

}  // namespace

TEST(ExactStory, ASocketIsAsOldAsTheKernelSays) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    tracker.observe(std::vector{kEstablished}, at(1s));
    tracker.annotate(annotations(known(kClient, close_wait, at(1300ms))));
    tracker.observe(std::vector{kCloseWait}, at(2s));
    const TrackedSocket socket = tracker.sockets().front();
    EXPECT_EQ(socket.age(at(3s)), (Age{1700ms, Age::Kind::exact, std::nullopt}));
    EXPECT_TRUE(tracker.undated().empty());
}

TEST(ExactStory, OneThatWasThereBeforeTheProgramsIsDatedAsBefore) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    tracker.annotate(annotations(known(kClient, close_wait, std::nullopt)));
    tracker.observe(std::vector{kCloseWait}, at(2s));
    EXPECT_EQ(tracker.sockets().front().dated, Age::Kind::at_least);
    EXPECT_EQ(tracker.undated().size(), 1u);
}

// They are found among many, whatever their order was, and each has its own.
TEST(ExactStory, EachSocketHasItsOwnAnnotations) {
    Annotations all;
    for (std::uint64_t number = 1'000; number > 0; --number) {
        ExactSocket socket = known(kClient, close_wait, at(Duration(number * 7'919 % 1'000 + 1)));
        socket.identity.cookie = Cookie{number * 7'919 % 1'009};
        if (number % 3 == 0) {
            socket.end_read = {at(Duration(number)), static_cast<std::uint32_t>(number), 1};
        }
        all.add(socket);
    }
    all.sort();
    for (std::uint64_t number = 1; number <= 1'000; ++number) {
        const auto note = all.find(Cookie{number * 7'919 % 1'009}, close_wait);
        ASSERT_TRUE(note) << number;
        EXPECT_EQ(note->since, at(Duration(number * 7'919 % 1'000 + 1)));
        EXPECT_EQ(note->end_read.has_value(), number % 3 == 0);
        if (note->end_read) {
            EXPECT_EQ(note->end_read->thread, number);
        }
    }
    EXPECT_FALSE(all.find(Cookie{1'008'000}, close_wait));
}

// One that is only counted is as old as the kernel says, too.
TEST(ExactStory, ASocketWithoutDetailIsAsOldAsTheKernelSays) {
    const auto bounds = std::make_shared<TrackerBounds>();
    bounds->detail.set(0);
    Tracker tracker(WatchedPorts({{9999, 9999}}), bounds);
    tracker.observe(std::vector{kEstablished}, at(1s));
    tracker.annotate(annotations(known(kClient, close_wait, at(1300ms))));
    tracker.observe(std::vector{kCloseWait}, at(2s));
    const WithoutDetail counted = tracker.without_detail(10s, at(3s));
    ASSERT_EQ(counted.sockets, 1U);
    EXPECT_EQ(counted.oldest.begin()->second, Duration{1700ms});
}

// Between the reading of the table and the dump it has gone on.
TEST(ExactStory, WhatIsSaidOfAnotherStateIsNotTakenForThisOne) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    tracker.observe(std::vector{kEstablished}, at(1s));
    tracker.annotate(annotations(known(kClient, close_wait, at(1300ms))));
    tracker.observe(std::vector{held(kClient, last_ack)}, at(2s));
    EXPECT_NE(tracker.sockets().front().dated, Age::Kind::exact);
}

TEST(ExactStory, HowLongAStateLastedIsExactBetweenTwoExactDates) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    tracker.observe(std::vector{kEstablished}, at(1s));
    tracker.annotate(annotations(known(kClient, close_wait, at(1300ms))));
    tracker.observe(std::vector{kCloseWait}, at(2s));
    tracker.annotate(annotations(known(kClient, last_ack, at(2250ms))));
    const Changes changes = tracker.observe(std::vector{held(kClient, last_ack)}, at(3s));
    ASSERT_EQ(changes.ends.size(), 1u);
    EXPECT_EQ(changes.ends.front().held, Duration{950ms});
}

TEST(ExactStory, WhoReadEndOfFileIsKnownForAsLongAsItIsCloseWait) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    tracker.observe(std::vector{kEstablished}, at(1s));
    ExactSocket socket = known(kClient, close_wait, at(1300ms));
    socket.end_read = {at(1500ms), 812, 800};
    tracker.annotate(annotations(socket));
    tracker.observe(std::vector{kCloseWait}, at(2s));
    EXPECT_EQ(tracker.sockets().front().end_read, socket.end_read);
    tracker.annotate({});
    tracker.observe(std::vector{held(kClient, last_ack)}, at(3s));
    EXPECT_EQ(tracker.sockets().front().end_read, std::nullopt);
}

}  // namespace halfclosed::tracking
