// Every way through the closing half of the state machine, as two looks a second apart see it.

#include <gtest/gtest.h>

#include "story.h"

namespace halfclosed::tracking {

using enum TcpState;

TEST(ClosingStory, BothCloseAtOnceAndOnlyTimeWaitIsEverSeen) {
    Story story;
    story.look(0s, {held(kServer, established), held(kClient, established)});
    story.look(1s, {minisock(kServer, time_wait, 59'900ms)})
        .brings({"server#1 established -> fin_wait1 implied"});
    story.has({}).misses({});
}

TEST(ClosingStory, TheClientClosesLate) {
    Story story;
    story.look(0s, {held(kServer, established), held(kClient, established)});
    story.look(1s, {orphaned(kServer, fin_wait1), held(kClient, close_wait)})
        .brings(
            {"server#1 established -> fin_wait1 seen", "client#2 established -> close_wait seen"})
        .has({"server#1 fin_wait1 orphan 0s observed",
              "client#2 close_wait process not_closed 0s observed"});
    story.look(2s, {minisock(kServer, fin_wait2, 59'500ms), held(kClient, close_wait)})
        .brings({"server#1 fin_wait1 -> fin_wait2 seen held 0.5s"})
        .has({"server#1 fin_wait2 timewait 0.5s observed",
              "client#2 close_wait process not_closed 1s observed"});
    story.look(5s, {minisock(kServer, fin_wait2, 56'500ms), orphaned(kClient, last_ack)})
        .brings({"client#2 close_wait -> last_ack seen held 4s",
                 "client#2 close_wait ended closed after 4s"});
    story.look(6s, {}).misses({1, 2});
    story.answer(6s, {alive(minisock(kServer, time_wait, 59'900ms)), gone(kClient)})
        .brings({"server#1 fin_wait2 -> time_wait seen held 4.4s",
                 "server#1 fin_wait2 ended peer_closed after 4.4s",
                 "client#2 last_ack -> close seen held 1s"})
        .has({});
}

TEST(ClosingStory, TheSidesAreSwapped) {
    Story story;
    story.look(0s, {held(kServer, established), held(kClient, established)});
    story.look(1s, {held(kServer, close_wait), minisock(kClient, fin_wait2, 59'500ms)})
        .brings({"server#1 established -> close_wait seen",
                 "client#2 established -> fin_wait1 implied",
                 "client#2 fin_wait1 -> fin_wait2 implied"});
}

TEST(ClosingStory, FinWait2WaitsOutItsTime) {
    Story story;
    story.fin_timeout(2s);
    story.look(0s, {});
    story.look(1s, {orphaned(kServer, fin_wait1)})
        .brings({"server#1 established -> fin_wait1 implied"});
    story.look(2s, {minisock(kServer, fin_wait2, 1'500ms)})
        .brings({"server#1 fin_wait1 -> fin_wait2 seen held 0.5s"});
    story.look(4s, {}).misses({1});
    story.answer(4s, {gone(kServer)})
        .brings({"server#1 fin_wait2 -> close seen held 2s",
                 "server#1 fin_wait2 ended expired after 2s"})
        .has({});
}

// Killed, or closed by its peer with a TIME-WAIT that ended early: a new connection between the same ends, a reset,
// tcp_tw_reuse, tcp_max_tw_buckets.
TEST(ClosingStory, FinWait2ThatIsGoneBeforeItsTimeIsNotGuessedAt) {
    Story story;
    story.look(0s, {});
    story.look(1s, {minisock(kServer, fin_wait2, 59s)})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#1 fin_wait1 -> fin_wait2 implied"});
    story.look(2s, {});
    story.answer(2s, {gone(kServer)}).brings({"server#1 fin_wait2 ended unknown after 2s"});
}

TEST(ClosingStory, BothCloseInTheSameMoment) {
    Story story;
    story.look(0s, {held(kServer, established), held(kClient, established)});
    story.look(1s, {orphaned(kServer, fin_wait1)})
        .brings({"server#1 established -> fin_wait1 seen"});
    story.look(2s, {orphaned(kServer, closing)})
        .brings({"server#1 fin_wait1 -> closing seen held 1s"})
        .has({"server#1 closing orphan 0s observed"});
    story.look(3s, {});
    story.answer(3s, {alive(minisock(kServer, time_wait, 59'600ms))})
        .brings({"server#1 closing -> time_wait seen held 0.6s"});
}

TEST(ClosingStory, ClosingIsNewAndImpliesFinWait1) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, closing)})
        .brings(
            {"server#1 established -> fin_wait1 implied", "server#1 fin_wait1 -> closing implied"});
}

TEST(ClosingStory, LastAckIsNewAndImpliesCloseWait) {
    Story story;
    story.look(0s, {held(kClient, established)});
    story.look(1s, {orphaned(kClient, last_ack)})
        .brings({"client#2 established -> close_wait implied",
                 "client#2 close_wait -> last_ack implied"});
    story.look(2s, {});
    story.answer(2s, {gone(kClient)}).brings({"client#2 last_ack -> close seen held 1s"});
}

// FIN-WAIT-1 leads to TIME-WAIT by FIN-WAIT-2 and by CLOSING, and to the end by three ways: nobody saw which.
TEST(ClosingStory, AWayThatNobodySawIsNotGuessed) {
    Story story;
    const End other = again(kServer, 3);
    story.look(0s, {});
    story.look(1s, {orphaned(kServer, fin_wait1), orphaned(other, fin_wait1)})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#3 established -> fin_wait1 implied"});
    story.look(2s, {});
    story.answer(2s, {alive(minisock(kServer, time_wait, 59s)), gone(other)})
        .brings({"server#1 fin_wait1 ended after 0s", "server#3 fin_wait1 ended after 1s"});
    story.has({});
}

TEST(ClosingStory, AHeldFinWait2HasNoTimeout) {
    Story story;
    story.look(0s, {held(kServer, established)});
    story.look(1s, {held(kServer, fin_wait2)})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#1 fin_wait1 -> fin_wait2 implied"});
    for (int second = 2; second < 200; ++second) {
        story.look(std::chrono::seconds{second}, {held(kServer, fin_wait2)});
    }
    story.has({"server#1 fin_wait2 process 198s observed"});
    story.look(200s, {});
    story.answer(200s, {gone(kServer)}).brings({"server#1 fin_wait2 ended unknown after 199s"});
}

TEST(ClosingStory, TheCauseChangesWhileTheSocketIsStuck) {
    Story story;
    story.look(0s, {});
    story.look(1s, {with_unread(unaccepted(kServer, close_wait), 27)})
        .brings({"server#1 established -> close_wait implied"})
        .has({"server#1 close_wait accept_queue not_accepted 0s observed"});
    story.look(2s, {with_unread(held(kServer, close_wait), 27)})
        .has({"server#1 close_wait process unread 1s observed"});
    story.look(3s, {with_unread(held(kServer, close_wait), 1)})
        .has({"server#1 close_wait process unread 2s observed"});
    story.look(4s, {held(kServer, close_wait)})
        .has({"server#1 close_wait process not_closed 3s observed"});
}

}  // namespace halfclosed::tracking
