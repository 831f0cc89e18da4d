#include "scenarios/definition/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tracking/state_machine.h"

namespace halfclosed::scenarios {
namespace {

TEST(Catalogue, HasTheScenariosOfTheContract) {
    std::vector<std::string> names;
    for (const Scenario& scenario : catalogue()) {
        names.push_back(scenario.name);
    }
    const std::vector<std::string> contract{"close-at-once",
                                            "late-close",
                                            "late-close-after-expiry",
                                            "write-after-eof",
                                            "write-in-fin-wait2",
                                            "write-after-expiry",
                                            "unread-close",
                                            "orphan-fin-wait1",
                                            "not-accepted",
                                            "never-closed",
                                            "simultaneous-close",
                                            "silent-peer",
                                            "held-fin-wait2",
                                            "time-wait-assassination",
                                            "orphan-overflow"};
    EXPECT_EQ(names, contract);
}

TEST(Catalogue, FindsByName) {
    ASSERT_NE(find_scenario("late-close"), nullptr);
    EXPECT_EQ(find_scenario("late-close")->name, "late-close");
    EXPECT_EQ(find_scenario("nope"), nullptr);
    EXPECT_EQ(find_scenario(""), nullptr);
    for (const Scenario& scenario : catalogue()) {
        ASSERT_NE(find_scenario(scenario.name), nullptr) << scenario.name;
        EXPECT_EQ(*find_scenario(scenario.name), scenario) << scenario.name;
    }
}

TEST(Catalogue, ExplainsItselfInTwoSentencesAndOneLine) {
    for (const Scenario& scenario : catalogue()) {
        const std::string& text = scenario.explanation;
        EXPECT_EQ(std::count(text.begin(), text.end(), '.'), 2) << scenario.name << ": " << text;
        EXPECT_EQ(text.find('\n'), std::string::npos) << scenario.name;
        EXPECT_LE(scenario.name.size() + scenario.summary.size(), 78U) << scenario.name;
        EXPECT_EQ(scenario.summary.find('\n'), std::string::npos) << scenario.name;
    }
}

/// An expectation that leaves something out would pass by default.
TEST(Catalogue, JudgesEveryPartOfTheTrace) {
    for (const Scenario& scenario : runnable_scenarios()) {
        const Expectation& expect = scenario.expect;
        EXPECT_GE(expect.states.server.size(), 3U) << scenario.name;
        EXPECT_GE(expect.states.client.size(), 2U) << scenario.name;
        EXPECT_FALSE(expect.calls.server.empty()) << scenario.name;
        EXPECT_FALSE(expect.calls.client.empty()) << scenario.name;
        EXPECT_TRUE(expect.tw.has_value()) << scenario.name;
        EXPECT_TRUE(expect.packets.has_value()) << scenario.name;
        EXPECT_GT(scenario.limit.in(std::chrono::seconds{2}), Duration{0}) << scenario.name;
    }
}

/// A state in which the trace ends, and one that stands for longer than polls are apart, must be seen.
TEST(Catalogue, ImpliesNoStateThatStands) {
    for (const Scenario& scenario : runnable_scenarios()) {
        for (const Side side : tracking::kSides) {
            const auto& states = scenario.expect.states.of(side);
            EXPECT_FALSE(states.back().may_be_implied) << scenario.name << " " << name(side);
            for (const ExpectedState& state : states) {
                EXPECT_FALSE(state.may_be_implied && state.at_least) << scenario.name;
            }
        }
    }
}

TEST(Catalogue, SaysWhyAScenarioIsUnavailable) {
    ASSERT_TRUE(find_scenario("orphan-overflow")->unavailable.has_value());
    EXPECT_NE(find_scenario("orphan-overflow")->unavailable->find("tcp_max_orphans"),
              std::string::npos);
    for (const Scenario& scenario : runnable_scenarios()) {
        EXPECT_NE(scenario.name, "orphan-overflow");
    }
}

// ---- the whole state machine ---------------------------------------------------------------------------------------

/// The states of both ends of every trace that can be played.
std::vector<std::vector<TcpState>> ways() {
    std::vector<std::vector<TcpState>> ways;
    for (const Scenario& scenario : runnable_scenarios()) {
        for (const Side side : tracking::kSides) {
            std::vector<TcpState>& way = ways.emplace_back();
            for (const ExpectedState& expected : scenario.expect.states.of(side)) {
                way.push_back(expected.state);
            }
        }
    }
    return ways;
}

TEST(Catalogue, ProducesEveryStateFromEstablishedOn) {
    std::set<TcpState> produced;
    for (const std::vector<TcpState>& way : ways()) {
        produced.insert(way.begin(), way.end());
    }
    EXPECT_THAT(produced, testing::UnorderedElementsAre(TcpState::established, TcpState::fin_wait1,
                                                        TcpState::fin_wait2, TcpState::closing,
                                                        TcpState::time_wait, TcpState::close_wait,
                                                        TcpState::last_ack, TcpState::close));
}

TEST(Catalogue, TakesEveryClosingEdge) {
    for (const tracking::Edge& edge : tracking::closing_edges()) {
        const std::vector<TcpState> both{edge.from, edge.to};
        const auto all = ways();
        EXPECT_TRUE(std::any_of(all.begin(), all.end(),
                                [&both](const std::vector<TcpState>& way) {
                                    return std::search(way.begin(), way.end(), both.begin(),
                                                       both.end()) != way.end();
                                }))
            << name(edge.from) << " to " << name(edge.to);
    }
}

/// What is expected is a way that the state machine has; a reset may end ESTABLISHED at once.
TEST(Catalogue, ExpectsNoEdgeThatThereIsNot) {
    for (const std::vector<TcpState>& way : ways()) {
        for (std::size_t index = 1; index < way.size(); ++index) {
            const tracking::Edge edge{way[index - 1], way[index]};
            const auto& edges = tracking::closing_edges();
            const bool reset = edge == tracking::Edge{TcpState::established, TcpState::close};
            EXPECT_TRUE(reset || std::find(edges.begin(), edges.end(), edge) != edges.end())
                << name(edge.from) << " to " << name(edge.to);
        }
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
