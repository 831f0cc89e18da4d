#include "service/order_limit.h"

#include <gtest/gtest.h>

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

constexpr int kAtOnce = 5;
constexpr std::chrono::seconds kPause{5};

TEST(OrderLimitTest, AFewAtOnceAndThenOneInAWhile) {
    for (const Instant start : {Instant{0s}, Instant{3s}, Instant{1h}}) {
        OrderLimit limit(kAtOnce, kPause);
        for (int i = 0; i < kAtOnce; ++i) {
            EXPECT_TRUE(limit.take(start)) << i;
        }
        EXPECT_FALSE(limit.take(start));
        EXPECT_EQ(limit.wait(start), kPause);
        EXPECT_FALSE(limit.take(start + kPause - 1ms));
        EXPECT_TRUE(limit.take(start + kPause));
        EXPECT_FALSE(limit.take(start + kPause));
    }
}

TEST(OrderLimitTest, AfterARestThereAreAFewAgainAndNoMore) {
    OrderLimit limit(kAtOnce, kPause);
    Instant now{1h};
    for (int round = 0; round < 3; ++round, now += 1h) {
        int taken = 0;
        while (limit.take(now)) {
            ++taken;
        }
        EXPECT_EQ(taken, kAtOnce);
    }
}

}  // namespace
}  // namespace halfclosed
