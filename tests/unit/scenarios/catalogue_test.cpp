#include "scenarios/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace halfclosed::scenarios {
namespace {

TEST(Catalogue, HasTheScenariosOfTheContract) {
    std::vector<std::string> names;
    for (const Scenario& scenario : catalogue()) {
        names.push_back(scenario.name);
    }
    const std::vector<std::string> contract{
        "close-at-once",   "late-close",         "late-close-after-expiry",
        "write-after-eof", "write-in-fin-wait2", "write-after-expiry",
        "unread-close"};
    ASSERT_GE(names.size(), contract.size());
    names.resize(contract.size());
    EXPECT_EQ(names, contract);
}

TEST(Catalogue, FindsByName) {
    ASSERT_NE(find_scenario("late-close"), nullptr);
    EXPECT_EQ(find_scenario("late-close")->name, "late-close");
    EXPECT_EQ(find_scenario("nope"), nullptr);
    EXPECT_EQ(find_scenario(""), nullptr);
}

TEST(Catalogue, ExplainsItselfInTwoSentencesAndOneLine) {
    for (const Scenario& scenario : catalogue()) {
        const std::string& text = scenario.explanation;
        EXPECT_EQ(std::count(text.begin(), text.end(), '.'), 2) << scenario.name << ": " << text;
        EXPECT_EQ(text.find('\n'), std::string::npos) << scenario.name;
        EXPECT_LE(scenario.summary.size(), 54U) << scenario.name;
        EXPECT_EQ(scenario.summary.find('\n'), std::string::npos) << scenario.name;
    }
}

/// An expectation that leaves something out would pass by default.
TEST(Catalogue, JudgesEveryPartOfTheStory) {
    for (const Scenario& scenario : catalogue()) {
        const Expectation& expect = scenario.expect;
        EXPECT_GE(expect.states.server.size(), 3U) << scenario.name;
        EXPECT_GE(expect.states.client.size(), 3U) << scenario.name;
        EXPECT_FALSE(expect.calls.server.empty()) << scenario.name;
        EXPECT_FALSE(expect.calls.client.empty()) << scenario.name;
        EXPECT_TRUE(expect.tw.has_value()) << scenario.name;
        EXPECT_TRUE(expect.packets.has_value()) << scenario.name;
        EXPECT_GT(scenario.limit.in(std::chrono::seconds{2}), Duration{0}) << scenario.name;
    }
}

/// A state in which the story ends, and one that stands for longer than polls are apart, must be seen.
TEST(Catalogue, ImpliesNoStateThatStands) {
    for (const Scenario& scenario : catalogue()) {
        for (const Side side : tracking::kSides) {
            const auto& states = scenario.expect.states.of(side);
            EXPECT_FALSE(states.back().may_be_implied) << scenario.name << " " << name(side);
            for (const ExpectedState& state : states) {
                EXPECT_FALSE(state.may_be_implied && state.at_least) << scenario.name;
            }
        }
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
