#include "tracking/conservation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sockets.h"
#include "tracking/state_machine.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

/// What the kernel has counted for the server's side, edge by edge.
class Counted {
 public:
    Counted& step(TcpState from, TcpState to, std::uint64_t count = 1) {
        const std::vector<Edge>& edges = closing_edges();
        const auto found = std::find(edges.begin(), edges.end(), Edge{from, to});
        totals_[{NamespaceId{1}, 9999, true}]
            .edges[static_cast<std::size_t>(found - edges.begin())] += count;
        return *this;
    }
    operator const ExactTotals&() const { return totals_; }

 private:
    ExactTotals totals_;
};

std::vector<SocketRecord> close_waits(std::size_t count) {
    std::vector<SocketRecord> result;
    for (std::size_t index = 0; index < count; ++index) {
        result.push_back(held(again(kServer, index + 1), close_wait));
    }
    return result;
}

Conservation::Sockets counted(const std::vector<SocketRecord>& records) {
    const WatchedPorts watch({{9999, 9999}});
    Conservation::Sockets result;
    for (const SocketRecord& record : records) {
        Conservation::count(result, record, *watch.match(record));
    }
    return result;
}

class ConservationTest : public testing::Test {
 protected:
    Conserved judge(const ExactTotals& before, std::size_t sockets, const ExactTotals& after) {
        return conservation_.judge(before, counted(close_waits(sockets)), after);
    }

    Conservation conservation_;
};

TEST_F(ConservationTest, WhatCameLessWhatLeftIsWhatIsThere) {
    Counted counted;
    EXPECT_TRUE(judge(counted, 3, counted).within) << "those were there before";
    counted.step(established, close_wait, 5).step(close_wait, last_ack, 2).step(last_ack, close, 2);
    const Conserved result = judge(counted, 6, counted);
    EXPECT_EQ(result, (Conserved{6, 6, true, true}));
}

TEST_F(ConservationTest, ALostStepIsToldAfterThreeCensuses) {
    Counted counted;
    judge(counted, 0, counted);
    counted.step(established, close_wait, 4);
    for (unsigned census = 1; census <= Conservation::kStrikes; ++census) {
        const Conserved result = judge(counted, 3, counted);
        EXPECT_EQ(result.counted, 3u);
        EXPECT_EQ(result.expected, 4u);
        EXPECT_FALSE(result.within);
        EXPECT_EQ(result.agrees, census < Conservation::kStrikes);
    }
    EXPECT_TRUE(judge(counted, 4, counted).agrees);
}

// A census takes its time: what came and left meanwhile it may have seen or not, and no more.
TEST_F(ConservationTest, WhatMovesDuringACensusMayBeSeenOrNot) {
    Counted before;
    judge(before, 0, before);
    before.step(established, close_wait, 10);
    Counted after = before;
    after.step(established, close_wait, 2).step(close_wait, last_ack, 3);
    for (std::size_t seen = 7; seen <= 12; ++seen) {
        EXPECT_TRUE(judge(before, seen, after).within) << seen;
    }
    EXPECT_FALSE(judge(before, 6, after).within);
    EXPECT_FALSE(judge(before, 13, after).within);
}

// The first census is taken under load: how many there were is known as well as it saw them, and then better.
TEST_F(ConservationTest, AQuietCensusTellsTheBeginningBetter) {
    const Counted before{};
    Counted after;
    after.step(established, close_wait, 2);
    EXPECT_TRUE(judge(before, 5, after).within);
    EXPECT_TRUE(judge(after, 6, after).within) << "it had seen one of the two";
    EXPECT_FALSE(judge(after, 5, after).within);
    EXPECT_FALSE(judge(after, 7, after).within);
}

// Two errors in a sum that is right: each port, side and state is held against its own steps.
TEST_F(ConservationTest, ErrorsDoNotCancelOut) {
    Counted counted;
    judge(counted, 0, counted);
    counted.step(established, close_wait, 2).step(close_wait, last_ack);
    EXPECT_FALSE(judge(counted, 2, counted).within) << "one of them is in LAST-ACK";
}

TEST_F(ConservationTest, MinisocksOfMptcpAreAddedAndItsConnectionsAreNotCounted) {
    Counted counted;
    judge(counted, 0, counted);
    ExactTotals totals = counted;
    totals[{NamespaceId{1}, 9999, true}].foreign_time_wait = 1;
    std::vector<SocketRecord> sockets{minisock(kServer, time_wait, 30s)};
    sockets.push_back(held(again(kServer, 7), close_wait));
    sockets.back().protocol = Protocol::mptcp;
    EXPECT_EQ(conservation_.judge(totals, tracking::counted(sockets), totals),
              (Conserved{1, 1, true, true}));
}

}  // namespace
}  // namespace halfclosed::tracking
