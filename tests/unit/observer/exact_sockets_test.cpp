#include "observer/exact_sockets.h"

#include <gtest/gtest.h>

#include <set>

namespace halfclosed {

using namespace std::chrono_literals;

namespace {

constexpr NamespaceId kSpace{7};
const Instant kLook{1h};
const ExactSockets::Storm kStorm{2s, 3};

ExactSocket in_close_wait(std::uint64_t cookie, Duration age, bool held = true) {
    ExactSocket socket;
    socket.space = kSpace;
    socket.identity.cookie = Cookie{cookie};
    socket.identity.local.port = 9999;
    socket.state = TcpState::close_wait;
    socket.held = held;
    socket.since = kLook - age;
    return socket;
}

ExactSockets::Look look_at(const std::vector<ExactSocket>& sockets,
                           const ExactSockets::Storm& storm = kStorm) {
    ExactSockets known;
    for (const ExactSocket& socket : sockets) {
        known.add(socket, kLook, storm);
    }
    EXPECT_EQ(known.to_ask(kSpace), known.look(kSpace, kLook).ask.size());
    return known.look(kSpace, kLook);
}

}  // namespace

TEST(ExactSockets, OfAStormTheFirstAreAskedForAndTheOthersTold) {
    std::vector<ExactSocket> sockets;
    for (std::uint64_t cookie = 1; cookie <= 10; ++cookie) {
        sockets.push_back(in_close_wait(cookie, 1s));
    }
    const ExactSockets::Look look = look_at(sockets);
    EXPECT_EQ(look.ask.size(), 3u);
    ASSERT_EQ(look.told.size(), 7u);
    EXPECT_EQ(look.told[0].cookie, Cookie{4});
    EXPECT_EQ(look.told[0].local.port, 9999);
    EXPECT_EQ(look.told[0].netns, kSpace);
    EXPECT_EQ(look.told[0].state, TcpState::close_wait);
    EXPECT_TRUE(look.told[0].brief);
    EXPECT_EQ(look_at(sockets, {}).ask.size(), 10u);
}

// Of each of these a look tells what the programs cannot: how old, who, what is unread, whether it was accepted.
TEST(ExactSockets, WhatIsOlderOrNotHeldOrNotDatedIsAskedForInAStormToo) {
    std::vector<ExactSocket> sockets;
    for (std::uint64_t cookie = 1; cookie <= 10; ++cookie) {
        sockets.push_back(in_close_wait(cookie, 3s));
        sockets.push_back(in_close_wait(100 + cookie, 1s, false));
        sockets.push_back(in_close_wait(200 + cookie, 1s));
        sockets.back().since.reset();
    }
    const ExactSockets::Look look = look_at(sockets);
    EXPECT_EQ(look.ask.size(), 30u);
    EXPECT_TRUE(look.told.empty());
}

TEST(ExactSockets, OldOnesTakeTurnsAndEachHasOne) {
    std::vector<ExactSocket> sockets;
    for (std::uint64_t cookie = 2; cookie <= 2'000; cookie += 2) {
        sockets.push_back(in_close_wait(cookie, 60s));
        if (cookie % 3 == 0) {
            sockets.back().since.reset();  // older than the programs
        }
        if (cookie % 5 == 0) {
            sockets.back().held = false;
            sockets.back().state = TcpState::fin_wait2;
        }
    }
    std::set<Cookie> asked;
    for (unsigned turn = 17; turn < 17 + ExactSockets::kTurns; ++turn) {
        const ExactSockets::Look look = look_at(sockets, {2s, 3, turn});
        EXPECT_EQ(look.ask.size() + look.told.size(), sockets.size());
        EXPECT_LT(look.ask.size(), sockets.size() / 2) << "evenly, whatever the cookies";
        for (const SocketIdentity& socket : look.ask) {
            asked.insert(socket.cookie);
        }
        for (const SocketRecord& record : look.told) {
            EXPECT_TRUE(record.brief);
            EXPECT_EQ(record.state, static_cast<std::uint64_t>(record.cookie) % 5 == 0
                                        ? TcpState::fin_wait2
                                        : TcpState::close_wait);
        }
    }
    EXPECT_EQ(asked.size(), sockets.size());
    EXPECT_EQ(look_at(sockets, {2s, 3, std::nullopt}).ask.size(), sockets.size());
    ExactSocket minisock = in_close_wait(2, 1h, false);
    minisock.state = TcpState::fin_wait2;
    minisock.minisock = true;
    EXPECT_EQ(
        look_at({minisock}, {2s, 3, 0}).ask.size() + look_at({minisock}, {2s, 3, 1}).ask.size(),
        2u);
    EXPECT_EQ(look_at({in_close_wait(2, 1h, false)}, {2s, 3, 0}).ask.size() +
                  look_at({in_close_wait(2, 1h, false)}, {2s, 3, 1}).ask.size(),
              2u)
        << "what no descriptor holds waits for accept(), or is about to end";
}

TEST(ExactSockets, OneThatWasNotFoundIsAskedForWhoseverTurnItIs) {
    ExactSockets known;
    for (unsigned turn = 0; turn < ExactSockets::kTurns; ++turn) {
        known.add(in_close_wait(turn + 1, 1h), kLook, {2s, 3, turn});
    }
    tracking::CookieSet doubtful;
    for (std::uint64_t cookie = 1; cookie <= ExactSockets::kTurns; ++cookie) {
        doubtful.insert(Cookie{cookie});
    }
    EXPECT_EQ(known.look(kSpace, kLook, doubtful).ask.size(), ExactSockets::kTurns);
    EXPECT_TRUE(known.look(kSpace, kLook, doubtful).told.empty());
}

TEST(ExactSockets, AYoungMinisockIsToldWithItsTime) {
    ExactSocket socket = in_close_wait(1, 1s, false);
    socket.state = TcpState::fin_wait2;
    socket.minisock = true;
    socket.expires = kLook + 40s;
    const ExactSockets::Look look = look_at({socket});
    ASSERT_EQ(look.told.size(), 1u);
    EXPECT_FALSE(look.told[0].brief);
    EXPECT_EQ(look.told[0].timer, (Timer{Timer::Kind::timewait, 0, 40s}));
    socket.since = kLook - 3s;
    EXPECT_EQ(look_at({socket}).ask.size(), 1u);
}

}  // namespace halfclosed
