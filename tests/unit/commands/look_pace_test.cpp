#include "commands/look_pace.h"

#include <gtest/gtest.h>

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

/// After so many looks, one each `really`.
LookPace after(unsigned looks, std::chrono::nanoseconds wanted, std::chrono::nanoseconds really) {
    LookPace pace(wanted);
    for (unsigned i = 0; i < looks; ++i) {
        pace.note(Instant{1000s + i * really});
    }
    return pace;
}

TEST(LookPace, SaysNothingWhereLooksAreMadeAsWanted) {
    EXPECT_EQ(after(100, 5ms, 5ms).sentence(), "");
    EXPECT_EQ(after(100, 100ms, 115ms).sentence(), "");
}

TEST(LookPace, TellsTheIntervalInForceWhereItIsAnother) {
    EXPECT_EQ(after(100, 5ms, 92ms).sentence(), "A look each 92ms, where 5.0ms was asked for.");
    EXPECT_EQ(after(5, 5ms, 92ms).sentence(), "") << "too few to tell";
}

TEST(LookPace, APlanIsKnownAtOnce) {
    LookPace pace = after(1, 5ms, 5ms);
    pace.plan(2s);
    EXPECT_EQ(pace.sentence(), "A look each 2.0s, where 5.0ms was asked for.");
    pace.plan(5ms);
    EXPECT_EQ(pace.sentence(), "");
}

TEST(LookPace, TellsItOnceUntilItGetsWorse) {
    LookPace pace = after(100, 5ms, 20ms);
    EXPECT_NE(pace.news(), "");
    EXPECT_EQ(pace.news(), "");
    for (unsigned i = 0; i < 100; ++i) {
        pace.note(Instant{2000s + i * 50ms});
    }
    EXPECT_NE(pace.news(), "");
    EXPECT_EQ(pace.news(), "");
}

}  // namespace
}  // namespace halfclosed
