#include "http/connection_policy.h"

#include <gtest/gtest.h>

namespace halfclosed::http {
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

ConnectionPolicy::Queues nothing_waits(int) {
    return {};
}

ConnectionPolicy::Queues answer_unread(int) {
    return {.unread = false, .unsent = true};
}

void arrive(ConnectionPolicy& table, int descriptor, const std::string& peer) {
    table.accepted(descriptor, peer, false, kStart);
    table.started(descriptor);
}

/// Who makes room at once, and who when it was still silent later.
Cuts surplus_of(ConnectionPolicy& table, const ConnectionPolicy::Look& look) {
    EXPECT_EQ(table.surplus(kStart, look), Cuts{});
    return table.surplus(kStart + ConnectionPolicy::kNotice, look);
}

TEST(ConnectionPolicy, SilenceIsCutAfterFiveSeconds) {
    ConnectionPolicy table({});
    arrive(table, 7, "a");
    EXPECT_EQ(table.overdue(kStart + 4999ms, nothing_waits), Cuts{});
    EXPECT_EQ(table.overdue(kStart + 5s, nothing_waits), (Cuts{{7, true}}));
    EXPECT_EQ(table.overdue(kStart + 6s, nothing_waits), Cuts{}) << "only once";
    EXPECT_TRUE(table.closed(7)) << "it was cut";
    EXPECT_EQ(table.size(), 0U);
    arrive(table, 7, "a");
    EXPECT_FALSE(table.closed(7));
}

TEST(ConnectionPolicy, AnAnswerHasFifteenSecondsAndThenTenForTheNextRequest) {
    ConnectionPolicy table({});
    arrive(table, 7, "a");
    table.asked(7, kStart + 4s);
    EXPECT_EQ(table.overdue(kStart + 18s, nothing_waits), Cuts{});
    table.answered(7, kStart + 18s);
    EXPECT_EQ(table.overdue(kStart + 27999ms, nothing_waits), Cuts{});
    EXPECT_EQ(table.overdue(kStart + 28s, nothing_waits), (Cuts{{7, false}}))
        << "an idle one ends politely";
}

TEST(ConnectionPolicy, ASlowReaderIsCut) {
    ConnectionPolicy table({});
    arrive(table, 7, "a");
    table.asked(7, kStart + 1s);
    EXPECT_EQ(table.overdue(kStart + 16s, nothing_waits), (Cuts{{7, true}}));
}

TEST(ConnectionPolicy, TheOldestMakesRoomForTheNewest) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12}) {
        arrive(table, descriptor, "a");
        EXPECT_EQ(table.surplus(kStart, nothing_waits), Cuts{});
    }
    arrive(table, 5, "a");
    EXPECT_EQ(surplus_of(table, nothing_waits), (Cuts{{10, true}}));
    EXPECT_EQ(surplus_of(table, nothing_waits), Cuts{})
        << "one that is on its way out makes room already";
}

TEST(ConnectionPolicy, WhoIsAnsweredStaysBeforeWhoWaits) {
    ConnectionPolicy table(of_three());
    arrive(table, 10, "a");
    table.asked(10, kStart);
    arrive(table, 11, "a");
    arrive(table, 12, "a");
    arrive(table, 13, "a");
    EXPECT_EQ(surplus_of(table, nothing_waits), (Cuts{{11, true}}));
}

TEST(ConnectionPolicy, TheBusiestPeerMakesRoom) {
    ConnectionPolicy table(of_three());
    arrive(table, 10, "scraper");
    arrive(table, 11, "flood");
    arrive(table, 12, "flood");
    arrive(table, 13, "scraper 2");
    EXPECT_EQ(surplus_of(table, nothing_waits), (Cuts{{11, true}}));
}

TEST(ConnectionPolicy, ARequestThatIsThereButUnreadIsNotCut) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12, 13}) {
        arrive(table, descriptor, "a");
    }
    EXPECT_EQ(surplus_of(table,
                         [](int descriptor) {
                             return ConnectionPolicy::Queues{.unread = descriptor < 12};
                         }),
              (Cuts{{12, true}}));
    EXPECT_EQ(surplus_of(table, [](int) { return ConnectionPolicy::Queues{.unread = true}; }),
              Cuts{});
}

TEST(ConnectionPolicy, WhatTheServerHasReadButNotToldYetIsNotCut) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12, 13}) {
        arrive(table, descriptor, "a");
    }
    EXPECT_EQ(table.surplus(kStart, nothing_waits), Cuts{});
    EXPECT_TRUE(table.has_picked());
    table.asked(10, kStart + 1ms);
    EXPECT_FALSE(table.has_picked());
    EXPECT_EQ(table.surplus(kStart + 9ms, nothing_waits), Cuts{}) << "11 is picked instead";
    EXPECT_EQ(table.surplus(kStart + 10ms, nothing_waits), Cuts{});
    EXPECT_EQ(table.surplus(kStart + 19ms, nothing_waits), (Cuts{{11, true}}));
    EXPECT_FALSE(table.has_picked());
}

TEST(ConnectionPolicy, WhoAsksWhenItIsPickedStays) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12, 13}) {
        arrive(table, descriptor, "a");
    }
    const auto asks = [](int descriptor) {
        return ConnectionPolicy::Queues{.unread = descriptor == 10};
    };
    EXPECT_EQ(table.surplus(kStart, nothing_waits), Cuts{});
    EXPECT_EQ(table.surplus(kStart + 10ms, asks), Cuts{}) << "11 is picked instead";
    EXPECT_EQ(table.surplus(kStart + 20ms, asks), (Cuts{{11, true}}));
}

TEST(ConnectionPolicy, WhoIsAnsweredMakesRoomOnlyAfterASecond) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12, 13}) {
        arrive(table, descriptor, "a");
        table.asked(descriptor, kStart);
    }
    const auto unread = [](int) {
        return ConnectionPolicy::Queues{.unread = true};
    };  // further requests, say
    EXPECT_EQ(table.surplus(kStart + 999ms, unread), Cuts{});
    EXPECT_EQ(table.surplus(kStart + 1s, unread), (Cuts{{10, true}}));
}

TEST(ConnectionPolicy, WhatTheServerDoesNotHaveYetIsNotCut) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12, 13}) {
        table.accepted(descriptor, "a", false, kStart);
    }
    EXPECT_EQ(table.surplus(kStart, nothing_waits), Cuts{});
    EXPECT_EQ(table.spare(kStart, nothing_waits), std::nullopt);
    table.started(12);
    EXPECT_EQ(surplus_of(table, nothing_waits), (Cuts{{12, true}}));
}

TEST(ConnectionPolicy, WhatTheServerNeverTookIsForgottenUntouched) {
    ConnectionPolicy table({});
    table.accepted(7, "a", false, kStart);
    EXPECT_EQ(table.overdue(kStart + 5s, nothing_waits), Cuts{});
    EXPECT_EQ(table.size(), 0U);
}

TEST(ConnectionPolicy, AReusedDescriptorIsANewConnection) {
    ConnectionPolicy table({});
    arrive(table, 7, "a");
    ASSERT_EQ(table.overdue(kStart + 5s, nothing_waits).size(), 1U);
    table.closed(7);
    table.accepted(7, "b", false, kStart + 5s);
    table.started(7);
    EXPECT_EQ(table.overdue(kStart + 9s, nothing_waits), Cuts{});
    EXPECT_EQ(table.overdue(kStart + 10s, nothing_waits), (Cuts{{7, true}}));
}

TEST(ConnectionPolicy, IsFullWhenTheMarginIsTakenToo) {
    ConnectionPolicy::Limits limits = of_three();
    limits.margin = 2;
    ConnectionPolicy table(limits);
    for (int descriptor = 0; descriptor < 4; ++descriptor) {
        table.accepted(descriptor, "a", false, kStart);
        EXPECT_FALSE(table.full(0));
    }
    EXPECT_TRUE(table.full(1)) << "one that is being drained counts";
    table.accepted(4, "a", false, kStart);
    EXPECT_TRUE(table.full(0));
}

TEST(ConnectionPolicy, WhoDoesNotReadTheAnswerIsNotIdle) {
    ConnectionPolicy table({});
    arrive(table, 7, "a");
    table.asked(7, kStart);
    table.answered(7, kStart + 1s);
    EXPECT_EQ(table.overdue(kStart + 14999ms, answer_unread), Cuts{}) << "past the idle deadline";
    EXPECT_EQ(table.overdue(kStart + 15s, answer_unread), (Cuts{{7, true}}));
}

TEST(ConnectionPolicy, WhoDoesNotReadTheAnswerMakesRoomAfterASecond) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12, 13}) {
        arrive(table, descriptor, "a");
        table.asked(descriptor, kStart);
        table.answered(descriptor, kStart);
    }
    EXPECT_EQ(table.surplus(kStart + 999ms, answer_unread), Cuts{});
    EXPECT_EQ(table.surplus(kStart + 1s, answer_unread), (Cuts{{10, true}}));
}

TEST(ConnectionPolicy, AStreamHasNoDeadlineButMakesRoomWhenItIsNotRead) {
    ConnectionPolicy table(of_three());
    for (const int descriptor : {10, 11, 12, 13}) {
        arrive(table, descriptor, "a");
        table.asked(descriptor, kStart);
        table.streaming(descriptor);
    }
    EXPECT_EQ(table.overdue(kStart + 1h, answer_unread), Cuts{});
    EXPECT_EQ(table.surplus(kStart + 1h, nothing_waits), Cuts{});
    EXPECT_EQ(table.surplus(kStart + 1h, answer_unread), (Cuts{{10, true}}));
}

TEST(ConnectionPolicy, AFavouredPeerMakesRoomLast) {
    ConnectionPolicy table(of_three());
    table.accepted(10, "root", true, kStart);
    table.started(10);
    table.accepted(11, "root", true, kStart);
    table.started(11);
    arrive(table, 12, "a");
    arrive(table, 13, "a");
    EXPECT_EQ(surplus_of(table, nothing_waits), (Cuts{{12, true}}));
    arrive(table, 14, "a");
    EXPECT_EQ(surplus_of(table, nothing_waits), (Cuts{{13, true}}));
}

}  // namespace
}  // namespace halfclosed::http
