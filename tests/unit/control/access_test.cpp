#include "control/access.h"

#include <gtest/gtest.h>

namespace halfclosed::control {
namespace {

TEST(Access, WhoMayGiveOrders) {
    const http::SocketOwner owner{500, 600};
    struct Case {
        const char* what;
        http::PeerCredentials peer;
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
