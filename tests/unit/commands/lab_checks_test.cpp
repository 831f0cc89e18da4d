#include "commands/lab_checks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/definition/catalogue.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

TEST(IsQuick, WhatWaitsForNothingLong) {
    EXPECT_TRUE(is_quick(*scenarios::find_scenario("late-close")));
    EXPECT_FALSE(is_quick(*scenarios::find_scenario("late-close-after-expiry")))
        << "it waits for the end of FIN-WAIT-2";
    scenarios::Scenario scenario = *scenarios::find_scenario("late-close");
    scenario.limit = {false, 6s};
    EXPECT_FALSE(is_quick(scenario));
    scenario.limit = {false, 1s, true};
    EXPECT_FALSE(is_quick(scenario)) << "it holds a leak";
    scenario.limit = {false, 1s};
    EXPECT_TRUE(is_quick(scenario));
    scenario.unavailable = "no namespace can play it";
    EXPECT_FALSE(is_quick(scenario));
}

TEST(IsQuick, SomeOfTheCatalogueAre) {
    const auto& all = scenarios::catalogue();
    EXPECT_GE(std::count_if(all.begin(), all.end(), is_quick), 5);
}

}  // namespace
}  // namespace halfclosed
