#include "tracking/reconciliation.h"

#include <gtest/gtest.h>

#include "sockets.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

const End kMapped{Cookie{3}, mapped(1, 9999), mapped(1, 40000)};

KernelCounts tally(std::initializer_list<SocketRecord> records) {
    KernelStyleCounts tally;
    for (const SocketRecord& record : records) {
        tally.add(record);
    }
    return tally.counts();
}

/// Only this many orphans, or minisocks.
KernelCounts orphans(std::uint64_t count) {
    return {0, 0, count, 0};
}

KernelCounts minisocks(std::uint64_t count) {
    return {0, 0, 0, count};
}

}  // namespace

// What net/ipv4/proc.c counts, kind by kind: {inuse, inuse6, orphan, tw}.
TEST(KernelStyleCounts, CountsAsTheKernelDoes) {
    EXPECT_EQ(tally({held(kServer, listen)}), (KernelCounts{1, 0, 0, 0}));
    EXPECT_EQ(tally({held(kServer, established)}), (KernelCounts{1, 0, 0, 0}));
    EXPECT_EQ(tally({held(kServer, syn_sent)}), (KernelCounts{1, 0, 0, 0}));
    EXPECT_EQ(tally({unaccepted(kServer, established)}), (KernelCounts{1, 0, 0, 0}));
    EXPECT_EQ(tally({unaccepted(kServer, close_wait)}), (KernelCounts{1, 0, 0, 0}));
    EXPECT_EQ(tally({held(kServer, fin_wait2)}), (KernelCounts{1, 0, 0, 0}));
    EXPECT_EQ(tally({request_socket(kServer)}), (KernelCounts{0, 0, 0, 0}));
    EXPECT_EQ(tally({held(kServer, TcpState::close)}), (KernelCounts{0, 0, 0, 0}));
    EXPECT_EQ(tally({held(kServer, bound_inactive)}), (KernelCounts{0, 0, 0, 0}));
    for (const TcpState state : {fin_wait1, fin_wait2, closing, last_ack}) {
        EXPECT_EQ(tally({orphaned(kServer, state)}), (KernelCounts{1, 0, 1, 0})) << name(state);
    }
    EXPECT_EQ(tally({minisock(kServer, fin_wait2, 1s)}), (KernelCounts{0, 0, 0, 1}));
    EXPECT_EQ(tally({minisock(kServer, time_wait, 1s)}), (KernelCounts{0, 0, 0, 1}));
}

TEST(KernelStyleCounts, AV4MappedSocketIsAnIpv6OneAndOrphansAndMinisocksAreOfBothFamilies) {
    EXPECT_EQ(tally({held(kMapped, established)}), (KernelCounts{0, 1, 0, 0}));
    EXPECT_EQ(tally({orphaned(kMapped, fin_wait1)}), (KernelCounts{0, 1, 1, 0}));
    EXPECT_EQ(tally({minisock(kMapped, time_wait, 1s)}), (KernelCounts{0, 0, 0, 1}));
}

// net/ipv4/tcp_fastopen.c: the child is a full socket in SYN_RECV.
TEST(KernelStyleCounts, AFullSocketInSynRecvIsInUse) {
    SocketRecord child = request_socket(kServer);
    child.shutdown = 0;
    EXPECT_EQ(tally({child}), (KernelCounts{1, 0, 0, 0}));
}

TEST(Reconciler, AgreesInsideTheBracketAndAtItsEdges) {
    Reconciler reconciler;
    for (const std::uint64_t counted : {10u, 12u, 15u}) {
        const Reconciled tw =
            reconciler.judge(minisocks(10), minisocks(counted), minisocks(15))[Count::tw];
        EXPECT_EQ(tw, (Reconciled{counted, 15, 0, true, true})) << counted;
    }
    EXPECT_TRUE(reconciler.judge(minisocks(15), minisocks(12), minisocks(10))[Count::tw].within)
        << "it fell";
}

TEST(Reconciler, DisagreesAfterThreeLooksInARow) {
    Reconciler reconciler;
    for (const bool agrees : {true, true, false, false}) {
        const Reconciled tw =
            reconciler.judge(minisocks(10), minisocks(9), minisocks(10))[Count::tw];
        EXPECT_EQ(tw, (Reconciled{9, 10, 0, false, agrees}));
    }
    EXPECT_TRUE(reconciler.judge(minisocks(10), minisocks(10), minisocks(10))[Count::tw].agrees);
}

TEST(Reconciler, OneGoodLookForgivesTwoBadOnes) {
    Reconciler reconciler;
    for (int round = 0; round < 5; ++round) {
        for (const std::uint64_t counted : {9u, 11u, 10u}) {
            EXPECT_TRUE(
                reconciler.judge(minisocks(10), minisocks(counted), minisocks(10))[Count::tw]
                    .agrees);
        }
    }
}

TEST(Reconciler, FewerOrphansThanTheSystemHasAreElsewhere) {
    Reconciler reconciler;
    for (int look = 0; look < 5; ++look) {
        EXPECT_EQ(reconciler.judge(orphans(7), orphans(2), orphans(8))[Count::orphan],
                  (Reconciled{2, 8, 6, true, true}));
    }
}

TEST(Reconciler, MoreOrphansThanTheSystemHasAreAContradiction) {
    Reconciler reconciler;
    for (const bool agrees : {true, true, false}) {
        EXPECT_EQ(reconciler.judge(orphans(7), orphans(9), orphans(8))[Count::orphan],
                  (Reconciled{9, 8, 0, false, agrees}));
    }
    EXPECT_TRUE(reconciler.judge(orphans(9), orphans(9), orphans(3))[Count::orphan].within)
        << "two readings bracket it";
}

TEST(Reconciler, JudgesEachFieldForItself) {
    Reconciler reconciler;
    Reconciliation last;
    for (int look = 0; look < 3; ++look) {
        last = reconciler.judge({1, 2, 3, 4}, {1, 9, 3, 4}, {1, 2, 3, 4});
    }
    EXPECT_EQ(last[Count::inuse], (Reconciled{1, 1, 0, true, true}));
    EXPECT_EQ(last[Count::inuse6], (Reconciled{9, 2, 0, false, false}));
    EXPECT_EQ(last[Count::orphan], (Reconciled{3, 3, 0, true, true}));
    EXPECT_EQ(last[Count::tw], (Reconciled{4, 4, 0, true, true}));
}

// 60 connections came and went while the dump was read, and the two readings agree by chance.
TEST(Reconciler, WhatCameDuringTheDumpWidensTheBracket) {
    Reconciler reconciler;
    const Churn churn{60, 25};
    for (const std::uint64_t counted : {40u, 75u, 100u, 160u}) {
        for (int look = 0; look < 5; ++look) {
            EXPECT_TRUE(
                reconciler
                    .judge({100, 0, 0, 0}, {counted, 0, 0, 0}, {100, 0, 0, 0}, churn)[Count::inuse]
                    .within)
                << counted;
        }
    }
    for (const std::uint64_t counted : {75u, 100u, 125u}) {
        EXPECT_TRUE(
            reconciler.judge(minisocks(100), minisocks(counted), minisocks(100), churn)[Count::tw]
                .within)
            << counted;
    }
}

TEST(Reconciler, WhatLiesBeyondWhatCameIsAMismatchWhenItStays) {
    Reconciler reconciler;
    const Churn churn{60, 25};
    for (const bool agrees : {true, true, false}) {
        EXPECT_EQ(
            reconciler.judge({100, 0, 0, 0}, {161, 0, 0, 0}, {100, 0, 0, 0}, churn)[Count::inuse]
                .agrees,
            agrees);
    }
    for (const bool agrees : {true, true, false}) {
        EXPECT_EQ(reconciler.judge(minisocks(100), minisocks(74), minisocks(100), churn)[Count::tw]
                      .agrees,
                  agrees);
    }
}

// Ten sockets were there; 30 came, 35 ended: an orphan among those 35 may have been counted.
TEST(Reconciler, AnOrphanThatEndedMeanwhileIsNoContradiction) {
    Reconciler reconciler;
    const Churn churn{30, 0};
    EXPECT_TRUE(
        reconciler.judge({10, 0, 0, 0}, {8, 0, 35, 0}, {5, 0, 0, 0}, churn)[Count::orphan].within);
    EXPECT_FALSE(
        reconciler.judge({10, 0, 0, 0}, {8, 0, 36, 0}, {5, 0, 0, 0}, churn)[Count::orphan].within);
}

TEST(KernelStyleCounts, AnMptcpConnectionIsNotOfTcp) {
    SocketRecord connection = held(kServer, close_wait);
    connection.protocol = Protocol::mptcp;
    SocketRecord subflow = held(kServer, established);
    subflow.protocol = Protocol::mptcp_subflow;
    EXPECT_EQ(tally({connection}), KernelCounts{});
    EXPECT_EQ(tally({subflow}), (KernelCounts{1, 0, 0, 0}));
}

}  // namespace halfclosed::tracking
