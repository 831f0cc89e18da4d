// How FIN-WAIT-2 ended: what a deadline can tell, and where more than one thing may have happened.

#include <gtest/gtest.h>

#include "story.h"

namespace halfclosed::tracking {

using enum TcpState;

TEST(EndingStory, ALateTimerIsNormal) {
    Story story;
    story.fin_timeout(2s);
    story.look(0s, {minisock(kServer, fin_wait2, 1'500ms)});
    story.look(1s, {minisock(kServer, fin_wait2, 500ms)});
    story.look(2s, {minisock(kServer, fin_wait2, 0ms)})
        .has({"server#1 fin_wait2 timewait 2.5s estimated"});
    story.look(3s, {});
    story.answer(3s, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen held 2.5s", "server#1 fin_wait2 ended expired"});
}

// The kernel said "59 s" at some moment after the dump was asked for. Taken for later than it was, the deadline would
// lie in the future of a look that finds the minisock expired.
TEST(EndingStory, TheDeadlineCountsFromWhenTheDumpWasAskedFor) {
    Story story;
    story.look(0s, {minisock(kServer, fin_wait2, 59s)});
    story.look(58'990ms, {});
    story.answer(59s, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen held 60s", "server#1 fin_wait2 ended expired"});
}

TEST(EndingStory, AnAnswerIsAsOldAsItsQuestion) {
    Story story;
    story.look(0s, {minisock(kServer, fin_wait2, 10s)});
    story.look(5s, {});
    story.answer(5'500ms, {alive(minisock(kServer, fin_wait2, 5s))});
    story.look(10s, {});
    story.answer(10'100ms, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen held 60s", "server#1 fin_wait2 ended expired"});
}

TEST(EndingStory, AMomentBeforeTheDeadlineIsAKill) {
    Story story;
    story.look(0s, {minisock(kServer, fin_wait2, 10s)});
    story.look(9'900ms, {});
    story.answer(9'999ms, {gone(kServer)})
        .brings(
            {"server#1 fin_wait2 -> close seen held 59.999s", "server#1 fin_wait2 ended killed"});
}

// A minute is long enough for FIN and a whole TIME-WAIT: expired, killed and closed by the peer look the same.
TEST(EndingStory, AfterAMinuteNobodyKnowsHowFinWait2Ended) {
    Story story;
    story.fin_timeout(2s);
    story.look(0s, {minisock(kServer, fin_wait2, 1s), held(kClient, fin_wait2)});
    story.look(61s, {});
    story.answer(61s, {gone(kServer), gone(kClient)});
    story.has({});
}

TEST(EndingStory, AFullFinWait2ThatIsGoneWasKilled) {
    Story story;
    story.look(0s, {held(kServer, fin_wait2)});
    story.look(1s, {});
    story.answer(1s, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen", "server#1 fin_wait2 ended killed"});
}

// Within T its process may have closed it and the minisock may have expired.
TEST(EndingStory, AFullFinWait2ThatIsGoneAfterItsTimeoutSaysLess) {
    Story story;
    story.fin_timeout(2s);
    story.look(0s, {held(kServer, fin_wait2), held(kClient, fin_wait2)});
    story.look(1'900ms, {held(kClient, fin_wait2)});
    story.answer(1'999ms, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen", "server#1 fin_wait2 ended killed"});
    story.look(3'900ms, {});
    story.answer(3'900ms, {gone(kClient)}).brings({"client#2 fin_wait2 -> close seen"});
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
    story.look(61s, {});
    story.answer(61s, {gone(kServer)})
        .brings(
            {"server#1 fin_wait2 -> close seen held 59.5s", "server#1 fin_wait2 ended expired"});
}

TEST(EndingStory, AnOrphanInFinWait2IsKilledBeforeItsTimerAndMayExpireAfterIt) {
    SocketRecord orphan = orphaned(kServer, fin_wait2);
    orphan.timer = {Timer::Kind::keepalive, 0, 1s};
    SocketRecord other = orphan;
    other.cookie = Cookie{3};
    Story story;
    story.fin_timeout(61s);
    story.look(0s, {orphan, other});
    story.look(900ms, {other});
    story.answer(900ms, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen", "server#1 fin_wait2 ended killed"});
    story.look(2s, {});
    story.answer(2s, {gone(again(kServer, 3))}).brings({"server#3 fin_wait2 -> close seen"});
}

TEST(EndingStory, FirstSeenMinisocksOfALongTimeoutAreDatedFromItsSecondHalf) {
    Story story;
    story.fin_timeout(90s);
    story.look(0s, {minisock(kServer, fin_wait2, 20s)})
        .has({"server#1 fin_wait2 timewait 40s estimated"});
}

}  // namespace halfclosed::tracking
