// A half-close on purpose: the peer has shut down its half and waits for the rest of the answer.

#include <gtest/gtest.h>

#include "story.h"
#include "tracking/sending.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

TcpInfo sent(std::chrono::milliseconds ago, std::uint64_t acked) {
    return {ago, 60s, 10ms, 204ms, acked};
}

/// In CLOSE-WAIT since t = 1 s.
void half_close(Story& story, const SocketRecord& socket) {
    story.look(0s, {});
    story.look(1s, {socket}).brings({"server#1 established -> close_wait implied"});
}

}  // namespace

TEST(SendingStory, DataSentAfterTheFinIsNoLeakWhileItMoves) {
    Story story;
    half_close(story, held(kServer, close_wait));
    story.look(31s, {held(kServer, close_wait)});
    story.may_be_sending(30s, {1}).sends(1, sent(100ms, 5'000), 31s);
    story.has({"server#1 close_wait process sending 30s observed"});
    EXPECT_EQ(story.socket(1).idle(Instant{1h} + 31s), 100ms);
    story.look(35s, {held(kServer, close_wait)});
    story.sends(1, sent(100ms, 9'000), 35s);
    story.has({"server#1 close_wait process sending 34s observed"});
    story.look(39s, {held(kServer, close_wait)});
    story.sends(1, sent(4'100ms, 9'000), 39s);
    story.has({"server#1 close_wait process sending 38s observed"});
    story.look(41s, {held(kServer, close_wait)});
    story.has({"server#1 close_wait process not_closed 40s observed"});
}

TEST(SendingStory, ADataTimeBeforeTheFinSaysNothing) {
    Story story;
    half_close(story, with_unread(held(kServer, close_wait), 1));
    story.look(4s, {with_unread(held(kServer, close_wait), 1)});
    story.sends(1, sent(3'500ms, 5'000), 4s);
    story.has({"server#1 close_wait process unread 3s observed"});
}

// tcpi_last_data_sent moves with each retransmission, tcpi_bytes_acked does not.
TEST(SendingStory, ARetransmissionIsNotSending) {
    SocketRecord stuck = held(kServer, close_wait);
    stuck.timer = {Timer::Kind::retransmit, 3, 1s};
    Story story;
    half_close(story, stuck);
    story.look(31s, {stuck});
    story.sends(1, sent(100ms, 5'000), 31s).sends(1, sent(100ms, 5'000), 32s);
    story.has({"server#1 close_wait process not_closed 30s observed"});
}

TEST(SendingStory, OnlyADescriptorCanSend) {
    Story story;
    half_close(story, unaccepted(kServer, close_wait));
    story.look(31s, {unaccepted(kServer, close_wait)});
    story.may_be_sending(1s, {}).sends(1, sent(100ms, 5'000), 31s);
    story.has({"server#1 close_wait accept_queue not_accepted 30s observed"});
}

TEST(SendingStory, WhatHasNotSentForLongIsAskedSeldom) {
    Story story;
    half_close(story, held(kServer, close_wait));
    story.look(41s, {held(kServer, close_wait)});
    story.may_be_sending(30s, {1}).may_be_sending(60s, {}).sends(1, sent(50s, 5'000), 41s);
    story.look(50s, {held(kServer, close_wait)});
    story.may_be_sending(30s, {});
    story.look(51s, {held(kServer, close_wait)});
    story.may_be_sending(30s, {1});
}

// A look may not ask about all: one that was sending must not be called a leak because others were asked before it.
TEST(SendingStory, ThoseThatWereSendingAreAskedFirst) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    std::vector<SocketRecord> many;
    for (std::uint64_t cookie = 1; cookie <= 50; ++cookie) {
        many.push_back(held(again(kServer, cookie), close_wait));
    }
    tracker.observe({}, Instant{1h});
    tracker.observe(many, Instant{1h} + 1s);
    tracker.observe(many, Instant{1h} + 31s);
    tracker.note_sending(Cookie{33}, sent(100ms, 5'000), Instant{1h} + 31s);
    tracker.observe(many, Instant{1h} + 32s);
    const std::vector<SocketIdentity> asked = tracker.perhaps_sending(30s);
    ASSERT_EQ(asked.size(), 50U);
    EXPECT_EQ(asked[0].cookie, Cookie{33});
}

// At a first look the FIN may have come at any time since the peer's last data: an hour ago, and data went out now.
TEST(SendingStory, OfASocketThatWasThereBeforeRecentDataIsTheAnswer) {
    Story story;
    story.look(0s, {held(kServer, close_wait)});
    story.date(1, {10ms, Age::Kind::at_least, 60s}, 0s).sends(1, sent(20ms, 5'000), 0s);
    story.has({"server#1 close_wait process sending 0.01s at_least 60s at most"});
}

// A short exchange: the answer, and the peer's FIN right behind it.
TEST(SendingStory, OfASocketThatWasThereBeforeAnAnswerJustGivenIsNot) {
    Story story;
    story.look(0s, {held(kServer, close_wait)});
    story.date(1, {10ms, Age::Kind::at_least, 40ms}, 0s)
        .sends(1, {30ms, 40ms, 10ms, 204ms, 99}, 0s);
    story.has({"server#1 close_wait process not_closed 0.01s at_least 0.04s at most"});
}

}  // namespace halfclosed::tracking
