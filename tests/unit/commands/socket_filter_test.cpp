#include "commands/socket_filter.h"

#include <gtest/gtest.h>

#include "sockets.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1000s};

exporters::Snapshot report_with_a_leak_of(std::chrono::nanoseconds age) {
    exporters::Snapshot snapshot;
    snapshot.instant = kNow;
    snapshot.sockets = {leaked_socket(Cookie{1}, kNow - age)};
    snapshot.owners[Cookie{1}].unit = "nginx.service";
    return snapshot;
}

std::size_t left(const SocketFilter& filter) {
    exporters::Snapshot snapshot = report_with_a_leak_of(60s);
    filter.apply(snapshot);
    return snapshot.sockets.size();
}

TEST(SocketFilter, WithoutAWishEverythingPasses) {
    EXPECT_EQ(left({}), 1U);
}

TEST(SocketFilter, EachWishAlone) {
    EXPECT_EQ(left({.states = {TcpState::close_wait, TcpState::closing}}), 1U);
    EXPECT_EQ(left({.states = {TcpState::fin_wait2}}), 0U);
    EXPECT_EQ(left({.causes = {tracking::Cause::not_closed}}), 1U);
    EXPECT_EQ(left({.causes = {tracking::Cause::unread}}), 0U);
    EXPECT_EQ(left({.owners = {"nginx.service"}}), 1U);
    EXPECT_EQ(left({.owners = {"apache2.service"}}), 0U);
    EXPECT_EQ(left({.older_than = 59s}), 1U);
    EXPECT_EQ(left({.older_than = 60s}), 0U);
}

TEST(SocketFilter, AllWishesTogether) {
    EXPECT_EQ(left({.states = {TcpState::close_wait}, .owners = {"nginx.service"}}), 1U);
    EXPECT_EQ(left({.states = {TcpState::close_wait}, .owners = {"apache2.service"}}), 0U);
}

TEST(SocketFilter, ASocketWithoutAnOwnerIsUnknowns) {
    exporters::Snapshot snapshot = report_with_a_leak_of(60s);
    snapshot.owners.clear();
    SocketFilter{.owners = {"unknown"}}.apply(snapshot);
    EXPECT_EQ(snapshot.sockets.size(), 1U);
}

TEST(SocketFilter, ATransitionIsOfTheStateThatItLeavesOrEnters) {
    tracking::Transition transition;
    transition.edge = {TcpState::close_wait, TcpState::last_ack};
    EXPECT_TRUE(SocketFilter{}.admits(transition));
    EXPECT_TRUE(SocketFilter{.states = {TcpState::close_wait}}.admits(transition));
    EXPECT_TRUE(SocketFilter{.states = {TcpState::last_ack}}.admits(transition));
    EXPECT_FALSE(SocketFilter{.states = {TcpState::fin_wait2}}.admits(transition));
}

}  // namespace
}  // namespace halfclosed
