// A network namespace ends with what is in it: nobody closed those sockets, and none of them was reset.

#include <gtest/gtest.h>

#include "story.h"

namespace halfclosed::tracking {

using enum TcpState;

TEST(NamespaceEndStory, StatesEndInAWayThatIsNotKnownAndNoTransitionIsTold) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait), orphaned(kClient, last_ack)})
        .brings({"server#1 established -> close_wait implied",
                 "client#2 established -> close_wait implied",
                 "client#2 close_wait -> last_ack implied"});
    story.namespace_ends(4s).brings(
        {"server#1 close_wait ended unknown after 3s", "client#2 last_ack ended after 3s"});
    story.has({}).misses({}).asks_for_descriptors({}).dead({});
}

TEST(NamespaceEndStory, AnEndThatWaitsForItsDescriptorIsNotKnown) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"});
    story.look(2s, {});
    story.answer(2s, {gone(kServer)}, Resets::some);
    story.namespace_ends(3s).brings({"server#1 close_wait ended unknown after 1s"});
    story.asks_for_descriptors({});
}

TEST(NamespaceEndStory, DeadSocketsAreForgotten) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"});
    story.look(5s, {});
    story.answer(5s, {gone(kServer)}).brings({"server#1 close_wait ended unknown after 4s"});
    story.descriptor(1, DescriptorState::open, 5s);
    story.namespace_ends(6s);
    story.dead({});
}

}  // namespace halfclosed::tracking
