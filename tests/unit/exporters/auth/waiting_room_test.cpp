#include "exporters/auth/waiting_room.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace halfclosed::auth {
namespace {

using Room = WaitingRoom<int>;

std::vector<int> all_of(Room& room) {
    std::vector<int> visitors;
    while (const auto visitor = room.next()) {
        visitors.push_back(*visitor);
    }
    return visitors;
}

TEST(WaitingRoom, OnePartyIsServedInTheOrderOfItsComing) {
    Room room(3);
    for (const int visitor : {1, 2, 3}) {
        EXPECT_EQ(room.enter("a", visitor), std::nullopt);
    }
    EXPECT_EQ(all_of(room), (std::vector{1, 2, 3}));
    EXPECT_TRUE(room.empty());
}

TEST(WaitingRoom, PartiesTakeTurns) {
    Room room(9);
    for (const int visitor : {1, 2, 3, 4}) {
        room.enter("a", visitor);
    }
    room.enter("b", 10);
    room.enter("c", 20);
    EXPECT_EQ(all_of(room), (std::vector{1, 10, 20, 2, 3, 4}));
}

TEST(WaitingRoom, AFloodTurnsItselfAway) {
    Room room(3);
    for (const int visitor : {1, 2, 3}) {
        room.enter("flood", visitor);
    }
    EXPECT_EQ(room.enter("flood", 4), 4);
    EXPECT_EQ(room.enter("scraper", 10), 3) << "the busiest party gives way";
    EXPECT_EQ(room.enter("flood", 5), 5);
    room.next();
    EXPECT_EQ(room.next(), 10) << "the second turn at the latest";
}

TEST(WaitingRoom, TheScraperIsNextButOneUnderAnyFlood) {
    Room room(16);
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 50; ++i) {
            room.enter("flood " + std::to_string(i % 2), i);
        }
        const auto left = room.enter("scraper", 1000 + round);
        ASSERT_TRUE(left && *left < 1000) << "round " << round;
        std::vector<int> turns;
        for (int i = 0; i < 3; ++i) {
            turns.push_back(room.next().value());
        }
        EXPECT_EQ(std::count(turns.begin(), turns.end(), 1000 + round), 1) << "round " << round;
        while (room.next()) {
        }
    }
}

TEST(WaitingRoom, ManyPartiesThatHadTheirTurnsGiveWayToOneThatHadNone) {
    constexpr int kParties = 24;
    Room room(16);
    int served = 0;
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < kParties; ++i) {
            room.enter("flood " + std::to_string(i), i);
        }
        room.next();
    }
    EXPECT_NE(room.enter("scraper", 1000), 1000) << "it is turned away";
    while (served++ < 16) {
        if (room.next() == 1000) {
            return;
        }
        for (int i = 0; i < kParties; ++i) {
            EXPECT_NE(room.enter("flood " + std::to_string(i), i), 1000);
        }
    }
    FAIL() << "its turn did not come";
}

}  // namespace
}  // namespace halfclosed::auth
