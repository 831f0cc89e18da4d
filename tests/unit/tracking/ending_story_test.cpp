// How FIN-WAIT-2 ended: what a deadline proves, and where more than one thing may have happened.

#include <gtest/gtest.h>

#include "story.h"

namespace halfclosed::tracking {

using enum TcpState;

TEST(EndingStory, ALateTimerIsNormal) {
    Story story;
    story.look(0s, {});
    story.look(1s, {minisock(kServer, fin_wait2, 59s)})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#1 fin_wait1 -> fin_wait2 implied"});
    story.look(60s, {minisock(kServer, fin_wait2, 0ms)});
    story.look(61s, {});
    story.answer(61s, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen held 60s",
                 "server#1 fin_wait2 ended expired after 60s"});
}

// The kernel said "2 s" at some moment after the dump was asked for. Taken for later than it was, the deadline would
// lie in the future of a look that finds the minisock expired.
TEST(EndingStory, TheDeadlineCountsFromWhenTheDumpWasAskedFor) {
    Story story;
    story.look(0s, {minisock(kServer, fin_wait2, 2s)});
    story.look(1'990ms, {});
    story.answer(2s, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen", "server#1 fin_wait2 ended expired"});
}

TEST(EndingStory, AnAnswerIsAsOldAsItsQuestion) {
    Story story;
    story.look(0s, {minisock(kServer, fin_wait2, 4s)});
    story.look(2s, {});
    story.answer(2'500ms, {alive(minisock(kServer, fin_wait2, 2s))});
    story.look(4s, {});
    story.answer(4'100ms, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen", "server#1 fin_wait2 ended expired"});
}

TEST(EndingStory, AMomentBeforeTheDeadlineItHasNotExpired) {
    Story story;
    story.look(0s, {minisock(kServer, fin_wait2, 2s)});
    story.look(1'900ms, {});
    story.answer(1'999ms, {gone(kServer)}).brings({"server#1 fin_wait2 ended unknown"});
}

// Seen ten seconds before its time was up: its peer may have closed, and its TIME-WAIT have ended early.
TEST(EndingStory, AnExpiryIsToldOnlyOfASocketThatWasSeenShortlyBefore) {
    Story story;
    story.look(0s, {minisock(kServer, fin_wait2, 3s), minisock(again(kServer, 3), fin_wait2, 10s)});
    story.look(11s, {});
    story.answer(11s, {gone(kServer), gone(again(kServer, 3))})
        .brings({"server#1 fin_wait2 -> close seen", "server#1 fin_wait2 ended expired",
                 "server#3 fin_wait2 ended unknown"});
}

// A descriptor held it: it may have been closed since, and the minisock that this left be gone too.
TEST(EndingStory, AFullFinWait2ThatIsGoneSaysNothing) {
    Story story;
    story.look(0s, {held(kServer, fin_wait2), orphaned(kClient, fin_wait2)});
    story.look(1s, {});
    story.answer(1s, {gone(kServer), gone(kClient)})
        .brings({"server#1 fin_wait2 ended unknown", "client#2 fin_wait2 ended unknown"});
}

// A client with a fixed port closes and connects again at once: the server's TIME-WAIT lives for microseconds. Nobody
// was killed, and nothing was reset.
TEST(EndingStory, APortThatIsUsedAgainAtOnceIsNoKill) {
    Story story;
    story.look(0s, {held(kServer, established), held(kClient, established)});
    story.look(1s, {minisock(kServer, fin_wait2, 59s), held(kClient, close_wait)})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#1 fin_wait1 -> fin_wait2 implied",
                 "client#2 established -> close_wait seen"});
    story.look(2s, {held(again(kServer, 3), established), held(again(kClient, 4), established)});
    story.answer(2s, {gone(kServer), gone(kClient)}, Resets::none)
        .brings({"server#1 fin_wait2 ended unknown after 2s",
                 "client#2 close_wait -> last_ack implied held 1s",
                 "client#2 last_ack -> close implied",
                 "client#2 close_wait ended closed after 1s"});
}

TEST(EndingStory, ATimeWaitThatIsGoneSaysNothingOfAnOrphanInClosing) {
    Story story;
    story.look(0s, {});
    story.look(1s, {orphaned(kServer, closing)})
        .brings(
            {"server#1 established -> fin_wait1 implied", "server#1 fin_wait1 -> closing implied"});
    story.look(2s, {});
    story.answer(2s, {gone(kServer)}).brings({"server#1 closing ended after 1s"});
}

// tcp_fin_timeout 90: 30 s as a full orphan with a keepalive timer, then 30 s as a minisock.
TEST(EndingStory, BeyondAMinuteFinWait2HasTwoHalves) {
    SocketRecord orphan = orphaned(kServer, fin_wait2);
    orphan.timer = {Timer::Kind::keepalive, 0, 29'500ms};
    Story story;
    story.fin_timeout(90s);
    story.look(0s, {});
    story.look(1s, {orphan})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#1 fin_wait1 -> fin_wait2 implied"})
        .has({"server#1 fin_wait2 orphan 0s observed"});
    story.look(31s, {minisock(kServer, fin_wait2, 29'500ms)})
        .has({"server#1 fin_wait2 timewait 30s observed"});
    story.look(60s, {minisock(kServer, fin_wait2, 500ms)});
    story.look(61s, {});
    story.answer(61s, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen held 59.5s",
                 "server#1 fin_wait2 ended expired after 59.5s"});
}

// It may have been made with another tcp_fin_timeout, or with TCP_LINGER2.
TEST(EndingStory, TheAgeOfAMinisockThatWasThereBeforeIsABound) {
    Story story;
    story.fin_timeout(60s);
    story.look(0s, {minisock(kServer, fin_wait2, 20s), minisock(again(kServer, 3), fin_wait2, 90s)})
        .has(
            {"server#1 fin_wait2 timewait 0s at_least", "server#3 fin_wait2 timewait 0s at_least"});
}

}  // namespace halfclosed::tracking
