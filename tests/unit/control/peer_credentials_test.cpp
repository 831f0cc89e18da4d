#include "control/peer_credentials.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "posix/file.h"

namespace halfclosed::control {
namespace {

TEST(Peer, TheKernelSaysWhoIsAtTheOtherEnd) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    const posix::Descriptor ours(ends[0]);
    const posix::Descriptor theirs(ends[1]);
    const auto peer = peer_of(ours.get());
    ASSERT_TRUE(peer);
    EXPECT_EQ(peer->pid, getpid());
    EXPECT_EQ(peer->uid, geteuid());
    ASSERT_FALSE(peer->groups.empty());
    EXPECT_EQ(peer->groups.front(), getegid());
    const auto supplementary = static_cast<std::size_t>(getgroups(0, nullptr));
    EXPECT_EQ(peer->groups.size(), 1 + supplementary);
}

TEST(Peer, NothingIsSaidOfWhatIsNoSocket) {
    EXPECT_FALSE(peer_of(-1));
}

TEST(Peer, WhoMayGiveOrders) {
    const Owner owner{500, 600};
    struct Case {
        const char* what;
        Peer peer;
        bool may;
    };
    const Case cases[] = {
        {"root", {1, 0, {0}}, true},
        {"the daemon's user", {1, 500, {1}}, true},
        {"its group", {1, 501, {600}}, true},
        {"its group beside others", {1, 501, {1, 2, 600}}, true},
        {"somebody else", {1, 501, {1, 2}}, false},
        {"a user with the number of the group", {1, 600, {1}}, false},
        {"a group with the number of the user", {1, 501, {500}}, false},
        {"the group of root", {1, 501, {0}}, false},
        {"without groups", {1, 501, {}}, false},
    };
    for (const Case& each : cases) {
        EXPECT_EQ(may_control(each.peer, owner), each.may) << each.what;
    }
}

}  // namespace
}  // namespace halfclosed::control
