#include "exporters/http/connection_policy.h"

#include <gtest/gtest.h>

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using Cut = ConnectionPolicy::Cut;
using Cuts = std::vector<Cut>;

constexpr ConnectionPolicy::Clock::time_point kStart{};

ConnectionPolicy::Limits of_three() {
    ConnectionPolicy::Limits limits;
    limits.connections = 3;
    return limits;
}

bool all_read(int) {
    return false;
}

void arrive(ConnectionPolicy& table, int descriptor, const std::string& peer) {
    table.accepted(descriptor, peer, kStart);
    table.started(descriptor);
}

TEST(ConnectionPolicy, SilenceIsCutAfterFiveSeconds) {
    ConnectionPolicy table({});
    arrive(table, 7, "a");
    EXPECT_EQ(table.overdue(kStart + 4999ms), Cuts{});
    EXPECT_EQ(table.overdue(kStart + 5s), (Cuts{{7, true}}));
    EXPECT_EQ(table.overdue(kStart + 6s), Cuts{}) << "only once";
    table.closed(7);
    EXPECT_EQ(table.size(), 0U);
}

TEST(ConnectionPolicy, AnAnswerHasFifteenSecondsAndThenTenForTheNextRequest) {
    ConnectionPolicy table({});
    arrive(table, 7, "a");
    table.asked(7, kStart + 4s);
    EXPECT_EQ(table.overdue(kStart + 18s), Cuts{});
    table.answered(7, kStart + 18s);
    EXPECT_EQ(table.overdue(kStart + 27999ms), Cuts{});
    EXPECT_EQ(table.overdue(kStart + 28s), (Cuts{{7, false}})) << "an idle one ends politely";
}

TEST(ConnectionPolicy, ASlowReaderIsCut) {
    ConnectionPolicy table({});
    arrive(table, 7, "a");
    table.asked(7, kStart + 1s);
    EXPECT_EQ(table.overdue(kStart + 16s), (Cuts{{7, true}}));
}

TEST(ConnectionPolicy, TheOldestMakesRoomForTheNewest) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12}) {
        arrive(table, descriptor, "a");
        EXPECT_EQ(table.surplus(kStart, all_read), Cuts{});
    }
    arrive(table, 5, "a");
    EXPECT_EQ(table.surplus(kStart, all_read), (Cuts{{10, true}}));
    EXPECT_EQ(table.surplus(kStart, all_read), Cuts{})
        << "one that is on its way out makes room already";
}

TEST(ConnectionPolicy, WhoIsAnsweredStaysBeforeWhoWaits) {
    ConnectionPolicy table(of_three());
    arrive(table, 10, "a");
    table.asked(10, kStart);
    arrive(table, 11, "a");
    arrive(table, 12, "a");
    arrive(table, 13, "a");
    EXPECT_EQ(table.surplus(kStart, all_read), (Cuts{{11, true}}));
}

TEST(ConnectionPolicy, TheBusiestPeerMakesRoom) {
    ConnectionPolicy table(of_three());
    arrive(table, 10, "scraper");
    arrive(table, 11, "flood");
    arrive(table, 12, "flood");
    arrive(table, 13, "scraper 2");
    EXPECT_EQ(table.surplus(kStart, all_read), (Cuts{{11, true}}));
}

TEST(ConnectionPolicy, ARequestThatIsThereButUnreadIsNotCut) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12, 13}) {
        arrive(table, descriptor, "a");
    }
    EXPECT_EQ(table.surplus(kStart, [](int descriptor) { return descriptor < 12; }),
              (Cuts{{12, true}}));
    EXPECT_EQ(table.surplus(kStart, [](int) { return true; }), Cuts{});
}

TEST(ConnectionPolicy, WhoIsAnsweredMakesRoomOnlyAfterASecond) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12, 13}) {
        arrive(table, descriptor, "a");
        table.asked(descriptor, kStart);
    }
    const auto unread = [](int) { return true; };  // further requests, say
    EXPECT_EQ(table.surplus(kStart + 999ms, unread), Cuts{});
    EXPECT_EQ(table.surplus(kStart + 1s, unread), (Cuts{{10, true}}));
}

TEST(ConnectionPolicy, WhatTheServerDoesNotHaveYetIsNotCut) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12, 13}) {
        table.accepted(descriptor, "a", kStart);
    }
    EXPECT_EQ(table.surplus(kStart, all_read), Cuts{});
    EXPECT_EQ(table.spare(kStart, all_read), std::nullopt);
    table.started(12);
    EXPECT_EQ(table.surplus(kStart, all_read), (Cuts{{12, true}}));
}

TEST(ConnectionPolicy, WhatTheServerNeverTookIsForgottenUntouched) {
    ConnectionPolicy table({});
    table.accepted(7, "a", kStart);
    EXPECT_EQ(table.overdue(kStart + 5s), Cuts{});
    EXPECT_EQ(table.size(), 0U);
}

TEST(ConnectionPolicy, AReusedDescriptorIsANewConnection) {
    ConnectionPolicy table({});
    arrive(table, 7, "a");
    ASSERT_EQ(table.overdue(kStart + 5s).size(), 1U);
    table.closed(7);
    table.accepted(7, "b", kStart + 5s);
    table.started(7);
    EXPECT_EQ(table.overdue(kStart + 9s), Cuts{});
    EXPECT_EQ(table.overdue(kStart + 10s), (Cuts{{7, true}}));
}

TEST(ConnectionPolicy, IsFullAtTwiceItsPlaces) {
    ConnectionPolicy table(of_three());
    for (int descriptor = 0; descriptor < 5; ++descriptor) {
        table.accepted(descriptor, "a", kStart);
        EXPECT_FALSE(table.full());
    }
    table.accepted(5, "a", kStart);
    EXPECT_TRUE(table.full());
}

}  // namespace
}  // namespace halfclosed::exporters
