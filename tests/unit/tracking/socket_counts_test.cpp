#include "tracking/socket_counts.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace halfclosed::tracking {

using enum TcpState;

namespace {

bool is_possible(Side side, TcpState state, Custody custody) {
    const auto& kinds = possible_kinds();
    return std::find(kinds.begin(), kinds.end(), SocketKind{side, state, custody}) != kinds.end();
}

}  // namespace

TEST(SocketCounts, EveryKindHasACountOfItsOwn) {
    SocketCounts socket_counts(3);
    std::uint64_t times = 0;
    std::vector<std::tuple<PortMatch, TcpState, Custody, std::uint64_t>> all;
    for (std::size_t label = 0; label < 3; ++label) {
        for (const Side side : kSides) {
            for (unsigned state = 0; state < SocketCounts::kStates; ++state) {
                for (const Custody custody : kCustodies) {
                    all.emplace_back(PortMatch{label, 9999, side}, TcpState(state), custody,
                                     ++times % 7);
                }
            }
        }
    }
    for (const auto& [watched, state, custody, count] : all) {
        for (std::uint64_t i = 0; i < count; ++i) {
            socket_counts.add(watched, state, custody);
        }
    }
    for (const auto& [watched, state, custody, count] : all) {
        EXPECT_EQ(socket_counts.count(watched.label, watched.side, state, custody), count)
            << watched.label << " " << name(watched.side) << " " << name(state) << " "
            << name(custody);
    }
}

TEST(SocketCounts, AStateOfALaterKernelIsNotCounted) {
    SocketCounts socket_counts(1);
    for (unsigned state = SocketCounts::kStates; state <= 255; ++state) {
        socket_counts.add({0, 9999, Side::client}, TcpState(state), Custody::handshake);
    }
    EXPECT_EQ(socket_counts, SocketCounts(1));
}

TEST(PossibleKinds, AreEachThereOnce) {
    const auto& kinds = possible_kinds();
    for (const SocketKind& kind : kinds) {
        EXPECT_EQ(std::count(kinds.begin(), kinds.end(), kind), 1)
            << name(kind.side) << " " << name(kind.state) << " " << name(kind.custody);
    }
}

TEST(PortCounts, AreThoseBeforeOnceWhatWasAddedIsTakenAway) {
    const auto counts = [](std::uint16_t port, unsigned sockets) {
        PortCounts result;
        for (unsigned i = 0; i < sockets; ++i) {
            result.add({0, port, Side::server}, close_wait, Custody::process);
        }
        return result;
    };
    PortCounts sum = counts(80, 3);
    sum.add(counts(443, 2));
    sum.subtract(counts(80, 1));
    EXPECT_EQ(sum.sockets(Side::server),
              (std::map<std::uint16_t, std::uint64_t>{{80, 2}, {443, 2}}));
    sum.subtract(counts(443, 5));
    EXPECT_EQ(sum.sockets(Side::server), (std::map<std::uint16_t, std::uint64_t>{{80, 2}}))
        << "never less than none";
}

TEST(PossibleKinds, HaveEveryHalfClosedStateOfBothSides) {
    for (const Side side : kSides) {
        for (const TcpState state : {fin_wait1, fin_wait2, closing, last_ack}) {
            EXPECT_TRUE(is_possible(side, state, Custody::process)) << name(state);
            EXPECT_TRUE(is_possible(side, state, Custody::orphan)) << name(state);
        }
        EXPECT_TRUE(is_possible(side, fin_wait2, Custody::timewait));
        EXPECT_TRUE(is_possible(side, time_wait, Custody::timewait));
        EXPECT_TRUE(is_possible(side, close_wait, Custody::process));
        EXPECT_FALSE(is_possible(side, close_wait, Custody::orphan));
        EXPECT_FALSE(is_possible(side, fin_wait1, Custody::timewait));
        EXPECT_FALSE(is_possible(side, time_wait, Custody::process));
    }
    EXPECT_TRUE(is_possible(Side::server, close_wait, Custody::accept_queue));
    EXPECT_FALSE(is_possible(Side::client, close_wait, Custody::accept_queue));
    EXPECT_TRUE(is_possible(Side::server, syn_recv, Custody::handshake));
    EXPECT_FALSE(is_possible(Side::client, listen, Custody::process));
}

}  // namespace halfclosed::tracking
