#include "service/reload_limit.h"

#include <gtest/gtest.h>

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

TEST(ReloadLimitTest, AFewAtOnceAndThenOneInAWhile) {
    for (const Instant start : {Instant{0s}, Instant{3s}, Instant{1h}}) {
        ReloadLimit limit;
        for (int i = 0; i < ReloadLimit::kAtOnce; ++i) {
            EXPECT_TRUE(limit.take(start)) << i;
        }
        EXPECT_FALSE(limit.take(start));
        EXPECT_EQ(limit.wait(start), ReloadLimit::kPause);
        EXPECT_FALSE(limit.take(start + ReloadLimit::kPause - 1ms));
        EXPECT_TRUE(limit.take(start + ReloadLimit::kPause));
        EXPECT_FALSE(limit.take(start + ReloadLimit::kPause));
    }
}

TEST(ReloadLimitTest, AfterARestThereAreAFewAgainAndNoMore) {
    ReloadLimit limit;
    Instant now{1h};
    for (int round = 0; round < 3; ++round, now += 1h) {
        int taken = 0;
        while (limit.take(now)) {
            ++taken;
        }
        EXPECT_EQ(taken, ReloadLimit::kAtOnce);
    }
}

}  // namespace
}  // namespace halfclosed
