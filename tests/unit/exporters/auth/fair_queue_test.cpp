#include "exporters/auth/fair_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace halfclosed::auth {
namespace {

using Queue = FairQueue<int>;

std::vector<int> all_of(Queue& queue) {
    std::vector<int> items;
    while (const auto item = queue.pop()) {
        items.push_back(*item);
    }
    return items;
}

TEST(FairQueue, PeersAreServedInTheOrderOfTheirComing) {
    Queue queue(3, 1);
    EXPECT_EQ(queue.push("b", 1), std::nullopt);
    EXPECT_EQ(queue.push("a", 2), std::nullopt);
    EXPECT_EQ(queue.push("c", 3), std::nullopt);
    EXPECT_EQ(all_of(queue), (std::vector{1, 2, 3}));
    EXPECT_TRUE(queue.empty());
}

TEST(FairQueue, APeerHasAFewPlaces) {
    Queue queue(9, 2);
    EXPECT_EQ(queue.push("flood", 1), std::nullopt);
    EXPECT_EQ(queue.push("flood", 2), std::nullopt);
    EXPECT_EQ(queue.push("flood", 3), 3);
    EXPECT_EQ(queue.push("scraper", 10), std::nullopt);
    EXPECT_EQ(queue.pop(), 1);
    EXPECT_EQ(queue.push("flood", 4), std::nullopt) << "one has had its turn";
    EXPECT_EQ(all_of(queue), (std::vector{10, 2, 4}));
}

TEST(FairQueue, PeersTakeTurns) {
    Queue queue(9, 4);
    for (const int item : {1, 2, 3, 4}) {
        queue.push("a", item);
    }
    queue.push("b", 10);
    queue.push("c", 20);
    EXPECT_EQ(all_of(queue), (std::vector{1, 10, 20, 2, 3, 4}));
}

TEST(FairQueue, TheScraperIsNextButOneUnderAnyFlood) {
    Queue queue(16, 4);
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 50; ++i) {
            queue.push("flood " + std::to_string(i % 2), i);
        }
        ASSERT_EQ(queue.push("scraper", 1000 + round), std::nullopt) << "round " << round;
        std::vector<int> turns;
        for (int i = 0; i < 3; ++i) {
            turns.push_back(queue.pop().value());
        }
        EXPECT_EQ(std::count(turns.begin(), turns.end(), 1000 + round), 1) << "round " << round;
        all_of(queue);
    }
}

TEST(FairQueue, ManyPeersThatHadTheirTurnsGiveWayToOneThatHadNone) {
    constexpr int kPeers = 24;
    Queue queue(16, 4);
    int served = 0;
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < kPeers; ++i) {
            queue.push("flood " + std::to_string(i), i);
        }
        queue.pop();
    }
    EXPECT_NE(queue.push("scraper", 1000), 1000) << "it is turned away";
    while (served++ < 16) {
        if (queue.pop() == 1000) {
            return;
        }
        for (int i = 0; i < kPeers; ++i) {
            EXPECT_NE(queue.push("flood " + std::to_string(i), i), 1000);
        }
    }
    FAIL() << "its turn did not come";
}

}  // namespace
}  // namespace halfclosed::auth
