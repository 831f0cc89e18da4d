// How CLOSE-WAIT ended. A FIN and a reset leave the same nothing here: what proves one of them is the kernel's counter
// of resets, or the other end if that is a socket of this host.

#include <gtest/gtest.h>

#include "story.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

/// Both ends in the middle of the close, since t = 1 s.
void halfway(Story& story, const End& server, const End& client) {
    story.look(0s, {held(server, established), held(client, established)});
    story.look(1s, {minisock(server, fin_wait2, 60s), held(client, close_wait)})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#1 fin_wait1 -> fin_wait2 implied",
                 "client#2 established -> close_wait seen"});
}

}  // namespace

// A remote peer, so that there is no other end to look at.
TEST(CloseWaitEndStory, OfARemotePeerIsNotKnownAndItsTimeIs) {
    Story story;
    story.look(0s, {});
    story
        .look(1s, {held(kServer, close_wait), with_unread(held(again(kServer, 3), close_wait), 27)})
        .brings({"server#1 established -> close_wait implied",
                 "server#3 established -> close_wait implied"});
    story.look(5s, {});
    story.answer(5s, {gone(kServer), gone(again(kServer, 3))})
        .brings({"server#1 close_wait ended unknown after 4s",
                 "server#3 close_wait ended unknown after 4s"});
}

TEST(CloseWaitEndStory, WasClosedWhereNoConnectionWasReset) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"});
    story.look(2s, {});
    story.answer(2s, {gone(kServer)}, Resets::none)
        .brings({"server#1 close_wait -> last_ack implied held 1s",
                 "server#1 last_ack -> close implied",
                 "server#1 close_wait ended closed after 1s"});
}

// What was in the queue at the last look may have been read since.
TEST(CloseWaitEndStory, UnreadDataDoesNotMakeAResetOfAClose) {
    Story story;
    story.look(0s, {});
    story.look(1s, {with_unread(held(kServer, close_wait), 27)})
        .brings({"server#1 established -> close_wait implied"});
    story.look(2s, {});
    story.answer(2s, {gone(kServer)}, Resets::none)
        .brings({"server#1 close_wait -> last_ack implied held 1s",
                 "server#1 last_ack -> close implied",
                 "server#1 close_wait ended closed after 1s"});
}

// The counter says what happened since the look before; this one had ended before that.
TEST(CloseWaitEndStory, CountersSayNothingOfASocketThatTwoLooksDidNotHave) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"});
    story.look(2s, {}).misses({1});
    story.look(3s, {}).brings({"server#1 close_wait ended unknown after 1s"}).misses({});
    story.answer(3s, {gone(kServer)}, Resets::none).brings({});
}

TEST(CloseWaitEndStory, BothEndsTellWhereEveryResetIsAccountedFor) {
    Story story;
    halfway(story, kServer, kClient);
    story.look(4s, {});
    story.answer(4s, {gone(kServer), gone(kClient)}, Resets::all)
        .brings({"server#1 fin_wait2 -> close seen held 3s",
                 "server#1 fin_wait2 ended killed after 3s",
                 "client#2 close_wait -> close implied held 3s",
                 "client#2 close_wait ended aborted after 3s"});
}

TEST(CloseWaitEndStory, ATimeWaitAtTheOtherEndSaysThatItWasClosed) {
    Story story;
    halfway(story, kServer, kClient);
    story.look(4s, {});
    story.answer(4s, {gone(kClient), alive(minisock(kServer, time_wait, 59'500ms))})
        .brings({"server#1 fin_wait2 -> time_wait seen held 2.5s",
                 "server#1 fin_wait2 ended peer_closed after 2.5s",
                 "client#2 close_wait -> last_ack implied held 3s",
                 "client#2 last_ack -> close implied",
                 "client#2 close_wait ended closed after 3s"});
}

TEST(CloseWaitEndStory, ADualStackServerIsTheOtherEndOfAnIpv4Client) {
    const End server{Cookie{1}, mapped(1, 9999), mapped(1, 40000)};
    Story story;
    halfway(story, server, kClient);
    story.look(4s, {});
    story.answer(4s, {gone(kClient), alive(minisock(server, time_wait, 59'500ms))})
        .brings({"server#1 fin_wait2 -> time_wait seen held 2.5s",
                 "server#1 fin_wait2 ended peer_closed after 2.5s",
                 "client#2 close_wait -> last_ack implied held 3s",
                 "client#2 last_ack -> close implied",
                 "client#2 close_wait ended closed after 3s"});
}

TEST(CloseWaitEndStory, ATimeWaitOfAnotherConnectionSaysNothing) {
    const End other_client{Cookie{4}, ipv4(1, 40001), ipv4(1, 9999)};
    Story story;
    halfway(story, kServer, kClient);
    story
        .look(2s, {minisock(kServer, fin_wait2, 59s), held(kClient, close_wait),
                   held(other_client, close_wait)})
        .brings({"client#4 established -> close_wait implied"});
    story.look(3s, {held(kClient, close_wait)});
    story.answer(3s, {alive(minisock(kServer, time_wait, 59'500ms)), gone(other_client)})
        .brings({"server#1 fin_wait2 -> time_wait seen held 1.5s",
                 "server#1 fin_wait2 ended peer_closed after 1.5s",
                 "client#4 close_wait ended unknown after 1s"});
}

// A reset, and the same ends connect again and close properly, all between two polls: the TIME-WAIT is of a socket
// that was not there when the one that is gone was last seen.
TEST(CloseWaitEndStory, ATimeWaitThatIsNewerThanTheSocketIsNotItsOtherEnd) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kClient, close_wait)})
        .brings({"client#2 established -> close_wait implied"});
    story.look(2s, {minisock(again(kServer, 7), time_wait, 59'900ms)})
        .brings({"server#7 established -> fin_wait1 implied"});
    story.answer(2s, {gone(kClient)}).brings({"client#2 close_wait ended unknown after 1s"});
}

TEST(CloseWaitEndStory, AFinWait2WhosePeerIsStillOpenWasKilledBeforeItsTimeAndExpiredAfterIt) {
    const End server{Cookie{5}, ipv4(1, 9999), ipv4(1, 40001)};
    const End client{Cookie{6}, ipv4(1, 40001), ipv4(1, 9999)};
    Story story;
    story.look(0s, {});
    const std::vector<SocketRecord> open{held(kClient, close_wait), held(client, close_wait)};
    story
        .look(1s, {minisock(kServer, fin_wait2, 59s), minisock(server, fin_wait2, 9s), open[0],
                   open[1]})
        .brings(
            {"server#1 established -> fin_wait1 implied", "server#1 fin_wait1 -> fin_wait2 implied",
             "server#5 established -> fin_wait1 implied", "server#5 fin_wait1 -> fin_wait2 implied",
             "client#2 established -> close_wait implied",
             "client#6 established -> close_wait implied"});
    story.look(11s, open);
    story.answer(11s, {gone(kServer), gone(server)})
        .brings({"server#1 fin_wait2 -> close seen held 11s",
                 "server#1 fin_wait2 ended killed after 11s",
                 "server#5 fin_wait2 -> close seen held 10s",
                 "server#5 fin_wait2 ended expired after 10s"});
}

}  // namespace halfclosed::tracking
