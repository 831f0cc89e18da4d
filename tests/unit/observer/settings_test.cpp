#include <gtest/gtest.h>

#include <cmath>

#include "observer/observer.h"

namespace halfclosed {
namespace {

/// 5,000 old sockets are dated by a get each, and a person waits: neither their number nor their cost is bounded.
TEST(ObserverSettings, AnAnswerAtOnceHasNoBudget) {
    Observer::Settings settings;
    settings.answer_at_once();
    EXPECT_GE(settings.most_gets, 1'000'000U);
    EXPECT_TRUE(std::isinf(settings.cpu_share));
}

}  // namespace
}  // namespace halfclosed
