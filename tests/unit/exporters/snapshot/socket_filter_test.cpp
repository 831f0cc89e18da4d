#include "exporters/snapshot/socket_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "sockets.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1000s};

Snapshot report_with_a_leak_of(std::chrono::nanoseconds age) {
    Snapshot snapshot;
    snapshot.instant = kNow;
    snapshot.sockets = {leaked_socket(Cookie{1}, kNow - age)};
    snapshot.owners[Cookie{1}].name = "nginx.service";
    return snapshot;
}

std::size_t left(const SocketFilter& filter) {
    Snapshot snapshot = report_with_a_leak_of(60s);
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

TEST(SocketFilter, AnOwnerIsAskedForByNameOrByUnit) {
    Snapshot snapshot = report_with_a_leak_of(60s);
    snapshot.owners[Cookie{1}].name = "user@1000/shop.service";
    snapshot.owners[Cookie{1}].unit = "shop.service";
    for (const char* owner : {"user@1000/shop.service", "shop.service"}) {
        Snapshot asked = snapshot;
        SocketFilter{.owners = {owner}}.apply(asked);
        EXPECT_EQ(asked.sockets.size(), 1U) << owner;
    }
    SocketFilter{.owners = {"user@1001/shop.service"}}.apply(snapshot);
    EXPECT_TRUE(snapshot.sockets.empty());
}

TEST(SocketFilter, AllWishesTogether) {
    EXPECT_EQ(left({.states = {TcpState::close_wait}, .owners = {"nginx.service"}}), 1U);
    EXPECT_EQ(left({.states = {TcpState::close_wait}, .owners = {"apache2.service"}}), 0U);
}

TEST(SocketFilter, ASocketWithoutAnOwnerIsUnknowns) {
    Snapshot snapshot = report_with_a_leak_of(60s);
    snapshot.owners.clear();
    SocketFilter{.owners = {"unknown"}}.apply(snapshot);
    EXPECT_EQ(snapshot.sockets.size(), 1U);
}

TEST(SocketFilter, WhatMayBeOlderIsShown) {
    Snapshot snapshot = report_with_a_leak_of(1s);
    snapshot.sockets[0].dated = tracking::Age::Kind::at_least;
    SocketFilter{.older_than = 1h}.apply(snapshot);
    EXPECT_EQ(snapshot.sockets.size(), 1U);
}

/// The leak ends; `before` and `after` are the looks on either side.
struct EndOfALeak {
    Snapshot before = report_with_a_leak_of(60s);
    Snapshot after;
    tracking::Transition transition;

    EndOfALeak() {
        after.instant = kNow + 1s;
        transition.socket.cookie = Cookie{1};
        transition.edge = {TcpState::close_wait, TcpState::last_ack};
        transition.held = 61s;
    }
    bool passes(const SocketFilter& filter) const {
        return filter.admits(transition, before, after);
    }
};

TEST(SocketFilter, ATransitionIsOfTheStateThatItLeavesOrEnters) {
    const EndOfALeak leak;
    EXPECT_TRUE(leak.passes({}));
    EXPECT_TRUE(leak.passes({.states = {TcpState::close_wait}}));
    EXPECT_TRUE(leak.passes({.states = {TcpState::last_ack}}));
    EXPECT_FALSE(leak.passes({.states = {TcpState::fin_wait2}}));
}

TEST(SocketFilter, ATransitionHasCauseAndOwnerOfItsSocket) {
    EndOfALeak leak;
    EXPECT_TRUE(leak.passes({.causes = {tracking::Cause::not_closed}}));
    EXPECT_FALSE(leak.passes({.causes = {tracking::Cause::unread}}));
    EXPECT_TRUE(leak.passes({.owners = {"nginx.service"}}));
    EXPECT_FALSE(leak.passes({.owners = {"no-such.service"}}));
    // The other way round: the socket comes into CLOSE-WAIT, and is in the later look alone.
    std::swap(leak.before, leak.after);
    leak.transition.edge = {TcpState::established, TcpState::close_wait};
    EXPECT_TRUE(leak.passes({.causes = {tracking::Cause::not_closed}}));
    EXPECT_FALSE(leak.passes({.causes = {tracking::Cause::unread}}));
    EXPECT_TRUE(leak.passes({.owners = {"nginx.service"}}));
    EXPECT_FALSE(leak.passes({.owners = {"no-such.service"}}));
}

TEST(SocketFilter, ATransitionIsAsOldAsTheStayThatItEnds) {
    EndOfALeak leak;
    EXPECT_TRUE(leak.passes({.older_than = 60s}));
    EXPECT_FALSE(leak.passes({.older_than = 61s}));
    leak.transition.held.reset();
    EXPECT_TRUE(leak.passes({.older_than = 60s})) << "by the look before";
    EXPECT_FALSE(leak.passes({.older_than = 61s}));
    leak.before.sockets[0].dated = tracking::Age::Kind::at_least;
    EXPECT_TRUE(leak.passes({.older_than = 1h})) << "it may be older";
    leak.before.sockets.clear();
    EXPECT_FALSE(leak.passes({.older_than = 1s})) << "it came and went within a second";
    leak.transition.edge = {TcpState::established, TcpState::close_wait};
    EXPECT_FALSE(leak.passes({.older_than = 1ms})) << "nor was it half-closed before";
}

TEST(SocketFilter, AStateIsSpelledAsAnybodySpellsIt) {
    for (const char* text : {"close_wait", "close-wait", "CLOSE-WAIT", "Close_Wait"}) {
        EXPECT_EQ(parse_half_closed_state(text), TcpState::close_wait) << text;
    }
    for (const char* text : {"fin_wait2", "fin-wait-2", "FIN-WAIT-2", "FIN_WAIT_2"}) {
        EXPECT_EQ(parse_half_closed_state(text), TcpState::fin_wait2) << text;
    }
    EXPECT_EQ(parse_half_closed_state("LAST-ACK"), TcpState::last_ack);
    for (const char* text : {"", "fin_wait_", "fin__wait2", "established", "-"}) {
        EXPECT_THROW(parse_half_closed_state(text), std::invalid_argument) << text;
    }
}

TEST(SocketFilter, AMisspelledStateIsNamedAsItWasWritten) {
    try {
        parse_half_closed_state("CLOSE-WAI");
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_THAT(error.what(), testing::StartsWith("'CLOSE-WAI' is not a half-closed state ("));
        EXPECT_THAT(error.what(), testing::EndsWith("; did you mean 'close_wait'?"));
    }
}

TEST(SocketFilter, StateCloseIsThatOfDeadSockets) {
    Snapshot snapshot = report_with_a_leak_of(60s);
    tracking::DeadSocket dead{snapshot.sockets.front(), kNow};
    dead.socket.record.state = TcpState::close;
    snapshot.dead = {dead};
    SocketFilter{.states = {parse_half_closed_state("CLOSE")}}.apply(snapshot);
    EXPECT_TRUE(snapshot.sockets.empty());
    EXPECT_EQ(snapshot.dead.size(), 1U);
}

}  // namespace
}  // namespace halfclosed::exporters
