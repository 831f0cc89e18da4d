// A descriptor that stays open after its socket left CLOSE-WAIT and every dump: gone from the table is not closed.

#include <gtest/gtest.h>

#include "story.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

/// Seen in CLOSE-WAIT at 1 s and gone at 5 s.
void reset(Story& story, const SocketRecord& socket = held(kServer, close_wait)) {
    story.look(0s, {});
    story.look(1s, {socket}).brings({"server#1 established -> close_wait implied"});
    story.look(5s, {});
    story.answer(5s, {gone(kServer)}).brings({"server#1 close_wait ended unknown after 4s"});
}

}  // namespace

TEST(DeadSocketStory, IsFollowedUntilItsDescriptorIsClosed) {
    Story story;
    reset(story);
    story.asks_for_descriptors({1}).dead({});
    story.descriptor(1, DescriptorState::open, 5s)
        .dead({"server#1 close process not_closed 4s observed, dead for 0s"});
    story.look(60s, {});
    story.has({});
    story.asks_for_descriptors({1}).descriptor(1, DescriptorState::open, 60s);
    story.dead({"server#1 close process not_closed 59s observed, dead for 55s"});
    story.descriptor(1, DescriptorState::closed, 61s).dead({}).asks_for_descriptors({});
}

TEST(DeadSocketStory, AClosedDescriptorIsTheOrdinaryEnd) {
    Story story;
    reset(story);
    story.descriptor(1, DescriptorState::closed, 5s).dead({}).asks_for_descriptors({});
}

/// As reset(), while EstabResets moved.
void reset_as_the_kernel_counted(Story& story) {
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"});
    story.look(2s, {});
    story.answer(2s, {gone(kServer)}, Resets::some).brings({});
}

// A descriptor that is open was not closed, and the kernel counted a reset.
TEST(DeadSocketStory, AnOpenDescriptorAndACountedResetAreAnAbort) {
    Story story;
    reset_as_the_kernel_counted(story);
    story.descriptor(1, DescriptorState::open, 2s)
        .brings({"server#1 close_wait -> close implied held 1s",
                 "server#1 close_wait ended aborted after 1s"});
    story.descriptor(1, DescriptorState::closed, 3s).brings({});
}

TEST(DeadSocketStory, ACountedResetAloneProvesNothing) {
    for (const DescriptorState state : {DescriptorState::closed, DescriptorState::not_known}) {
        Story story;
        reset_as_the_kernel_counted(story);
        story.descriptor(1, state, 2s).brings({"server#1 close_wait ended unknown after 1s"});
    }
}

TEST(DeadSocketStory, AnEndThatNobodySettlesIsToldAsUnknown) {
    Story story;
    reset_as_the_kernel_counted(story);
    story.descriptor(99, DescriptorState::open, 13s)
        .brings({"server#1 close_wait ended unknown after 1s"});
}

TEST(DeadSocketStory, WhatMayNotBeLookedAtIsNotCalledDead) {
    Story story;
    reset(story);
    story.descriptor(1, DescriptorState::not_known, 5s).dead({}).asks_for_descriptors({});
}

// It was dead, and its holder is hidden now: nobody knows, so nobody says.
TEST(DeadSocketStory, IsNotKnownOnceItMayNotBeLookedAtAnyMore) {
    Story story;
    reset(story);
    story.descriptor(1, DescriptorState::open, 5s);
    story.descriptor(1, DescriptorState::not_known, 6s).dead({}).asks_for_descriptors({});
}

TEST(DeadSocketStory, ACandidateWhoseHolderIsNotFoundIsForgottenAfterAWhile) {
    Story story;
    reset(story);
    story.descriptor(99, DescriptorState::open, 14s).asks_for_descriptors({1});
    story.descriptor(99, DescriptorState::open, 16s).asks_for_descriptors({}).dead({});
}

TEST(DeadSocketStory, WithoutADescriptorThereIsNothingToAsk) {
    Story story;
    reset(story, unaccepted(kServer, close_wait));
    story.asks_for_descriptors({});
}

// It called close(), which is why it went on.
TEST(DeadSocketStory, ASocketThatWasSeenToCloseIsNoCandidate) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"});
    story.look(2s, {orphaned(kServer, last_ack)})
        .brings({"server#1 close_wait -> last_ack seen held 1s",
                 "server#1 close_wait ended closed after 1s"});
    story.look(3s, {});
    story.answer(3s, {gone(kServer)}).brings({"server#1 last_ack -> close seen held 1s"});
    story.asks_for_descriptors({});
}

TEST(DeadSocketStory, OfAPortThatIsNoLongerWatchedIsForgotten) {
    DeadSockets dead;
    TrackedSocket socket;
    socket.record = held(kServer, close_wait);
    dead.add(socket, Instant{1s});
    dead.watch_other(WatchedPorts({{8000, 8000}, {9999, 9999}}));
    ASSERT_EQ(dead.to_check().size(), 1U);
    EXPECT_EQ(dead.to_check()[0].socket->watched.label, 1U);
    dead.watch_other(WatchedPorts({{8000, 8000}}));
    EXPECT_TRUE(dead.to_check().empty());
}

}  // namespace halfclosed::tracking
