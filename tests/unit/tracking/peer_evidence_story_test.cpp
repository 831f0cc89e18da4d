// How CLOSE-WAIT ended. A FIN and a reset leave the same nothing here; the other end, where it is on this host, knows.

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

TEST(WitnessStory, ATimeWaitAtTheOtherEndSaysThatItWasClosed) {
    Story story;
    halfway(story, kServer, kClient);
    story.look(4s, {});
    story.answer(4s, {gone(kClient), alive(minisock(kServer, time_wait, 59'500ms))})
        .brings({"server#1 fin_wait2 -> time_wait seen held 2.5s",
                 "server#1 fin_wait2 ended peer_closed",
                 "client#2 close_wait -> last_ack implied held 3s",
                 "client#2 last_ack -> close implied", "client#2 close_wait ended closed"});
}

TEST(WitnessStory, AKilledFinWait2AtTheOtherEndSaysThatItWasReset) {
    Story story;
    halfway(story, kServer, kClient);
    story.look(4s, {});
    story.answer(4s, {gone(kServer), gone(kClient)})
        .brings({"server#1 fin_wait2 -> close seen held 3s", "server#1 fin_wait2 ended killed",
                 "client#2 close_wait -> close implied held 3s",
                 "client#2 close_wait ended aborted"});
}

TEST(WitnessStory, AKilledFinWait2ThatAProcessHeldSaysTheSame) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, fin_wait2), held(kClient, close_wait)})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#1 fin_wait1 -> fin_wait2 implied",
                 "client#2 established -> close_wait implied"});
    story.look(2s, {});
    story.answer(2s, {gone(kServer), gone(kClient)})
        .brings({"server#1 fin_wait2 -> close seen held 1s", "server#1 fin_wait2 ended killed",
                 "client#2 close_wait -> close implied held 1s",
                 "client#2 close_wait ended aborted"});
}

TEST(WitnessStory, ADualStackServerIsAWitnessForAnIpv4Client) {
    const End server{Cookie{1}, mapped(1, 9999), mapped(1, 40000)};
    Story story;
    halfway(story, server, kClient);
    story.look(4s, {});
    story.answer(4s, {gone(kClient), alive(minisock(server, time_wait, 59'500ms))})
        .brings({"server#1 fin_wait2 -> time_wait seen held 2.5s",
                 "server#1 fin_wait2 ended peer_closed",
                 "client#2 close_wait -> last_ack implied held 3s",
                 "client#2 last_ack -> close implied", "client#2 close_wait ended closed"});
}

TEST(WitnessStory, TheEndOfAnotherConnectionIsNoWitness) {
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
                 "server#1 fin_wait2 ended peer_closed", "client#4 close_wait ended closed"});
}

// The same addresses and ports again: the TIME-WAIT that is still known is the other end of the first connection.
TEST(WitnessStory, TheTimeWaitOfAnEarlierConnectionIsNoWitness) {
    const End next_client = again(kClient, 6);
    Story story;
    halfway(story, kServer, kClient);
    story.look(2s, {});
    story.answer(2s, {gone(kClient), alive(minisock(kServer, time_wait, 59'500ms))})
        .brings({"server#1 fin_wait2 -> time_wait seen held 0.5s",
                 "server#1 fin_wait2 ended peer_closed",
                 "client#2 close_wait -> last_ack implied held 1s",
                 "client#2 last_ack -> close implied", "client#2 close_wait ended closed"});
    story.look(10s, {with_unread(held(next_client, close_wait), 5)})
        .brings({"client#6 established -> close_wait implied"});
    story.look(11s, {});
    story.answer(11s, {gone(next_client)}).brings({"client#6 close_wait ended aborted"});
}

TEST(WitnessStory, AnExpiredFinWait2SawNothing) {
    Story story;
    story.fin_timeout(2s);
    story.look(0s, {});
    story.look(1s, {minisock(kServer, fin_wait2, 1'500ms), held(kClient, close_wait)})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#1 fin_wait1 -> fin_wait2 implied",
                 "client#2 established -> close_wait implied"});
    story.look(3s, {});
    story.answer(3s, {gone(kServer), gone(kClient)})
        .brings({"server#1 fin_wait2 -> close seen held 2s", "server#1 fin_wait2 ended expired",
                 "client#2 close_wait ended closed"});
}

TEST(WitnessStory, WithoutAWitnessAnEmptyQueueWasClosed) {
    Story story;
    story.look(0s, {held(kClient, close_wait)});
    story.look(1s, {});
    story.answer(1s, {gone(kClient)}).brings({"client#2 close_wait ended closed"});
}

// What is left in the queue is the FIN: nothing that was sent is lost, and close() sends a FIN of its own.
TEST(WitnessStory, WithoutAWitnessAnUnreadEndOfFileWasClosed) {
    Story story;
    story.look(0s, {with_unread(held(kClient, close_wait), 1)});
    story.look(1s, {});
    story.answer(1s, {gone(kClient)}).brings({"client#2 close_wait ended closed"});
}

TEST(WitnessStory, WithoutAWitnessAQueueWithDataWasReset) {
    Story story;
    const End other = again(kClient, 3);
    story.look(
        0s, {with_unread(held(kClient, close_wait), 2), with_unread(held(other, close_wait), 27)});
    story.look(1s, {});
    story.answer(1s, {gone(kClient), gone(other)})
        .brings({"client#2 close_wait ended aborted", "client#3 close_wait ended aborted"});
}

}  // namespace halfclosed::tracking
