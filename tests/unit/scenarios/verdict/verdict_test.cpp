#include "scenarios/verdict/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <functional>

#include "records/tcp_events.h"
#include "scenarios/definition/catalogue.h"
#include "scenarios/definition/expectation_text.h"
#include "scenarios/recorded_trace.h"
#include "scenarios/trace/timeline.h"

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::chrono::seconds kTimeout = 2s;

const Expectation& expected(const std::string& name) {
    return find_scenario(name)->expect;
}

Verdict judged(const std::string& name, const Trace& trace) {
    return judge(expected(name), trace, kTimeout);
}

TEST(Verdict, WhatTheKernelDidIsWhatIsExpected) {
    for (const Scenario& scenario : runnable_scenarios()) {
        const Verdict verdict = judge(scenario.expect, recorded_trace(scenario.name), kTimeout);
        EXPECT_TRUE(verdict.passed()) << scenario.name << ": " << verdict.why();
        EXPECT_TRUE(verdict.conclusive) << scenario.name;
    }
}

TEST(Verdict, NoScenarioPassesAsAnother) {
    for (const Scenario& played : runnable_scenarios()) {
        const Trace trace = recorded_trace(played.name);
        for (const Scenario& claimed : runnable_scenarios()) {
            EXPECT_EQ(judge(claimed.expect, trace, kTimeout).passed(), played.name == claimed.name)
                << played.name << " as " << claimed.name;
        }
    }
}

// ---- what is expected is changed -----------------------------------------------------------------------------------

/// A changed expectation, and what was changed.
struct Mutant {
    std::string what;
    Expectation expect;
};

/// Everything that can be wrong in an expectation, one at a time.
class Mutants {
 public:
    Mutants(const Expectation& original, const Trace& trace) : original_(original) {
        for (const Side side : tracking::kSides) {
            states(side, timeline(trace, side));
            calls(side);
            exits(side);
        }
        numbers();
        packets();
    }

    const std::vector<Mutant>& all() const { return mutants_; }

 private:
    void add(const std::string& what, const std::function<void(Expectation&)>& change) {
        Mutant mutant{what, original_};
        change(mutant.expect);
        mutants_.push_back(mutant);
    }

    void states(Side side, const std::vector<StateSpan>& spans) {
        const auto at = [side](Expectation& expect, std::size_t index) -> ExpectedState& {
            return expect.states.of(side)[index];
        };
        for (std::size_t index = 0; index < original_.states.of(side).size(); ++index) {
            const std::string where = std::string(name(side)) + " state " + std::to_string(index);
            add(where + " left out", [&](Expectation& expect) {
                auto& states = expect.states.of(side);
                states.erase(states.begin() + static_cast<std::ptrdiff_t>(index));
            });
            add(where + " another", [&](Expectation& expect) {
                TcpState& state = at(expect, index).state;
                state = state == TcpState::closing ? TcpState::last_ack : TcpState::closing;
            });
            add(where + " twice", [&](Expectation& expect) {
                auto& states = expect.states.of(side);
                states.insert(states.begin() + static_cast<std::ptrdiff_t>(index), states[index]);
            });
            add(where + " for an hour", [&](Expectation& expect) {
                at(expect, index).at_least = RelativeDuration{false, 3600s};
            });
            add(where + " in other hands", [&](Expectation& expect) {
                at(expect, index).custody = tracking::Custody::handshake;
            });
            if (spans[index].evidence == tracking::Evidence::implied) {
                add(where + " seen",
                    [&](Expectation& expect) { at(expect, index).may_be_implied = false; });
            }
            const auto bounds = duration_bounds(spans, index);
            if (bounds && bounds->shortest > 60ms) {
                add(where + " for no time", [&](Expectation& expect) {
                    at(expect, index).at_most = RelativeDuration{false, 0s};
                });
            }
        }
    }

    void calls(Side side) {
        for (std::size_t index = 0; index < original_.calls.of(side).size(); ++index) {
            const std::string where = std::string(name(side)) + " call " + std::to_string(index);
            add(where + " left out", [&](Expectation& expect) {
                auto& calls = expect.calls.of(side);
                calls.erase(calls.begin() + static_cast<std::ptrdiff_t>(index));
            });
            add(where + " with another result",
                [&](Expectation& expect) { expect.calls.of(side)[index].result = 99; });
            add(where + " with another errno",
                [&](Expectation& expect) { expect.calls.of(side)[index].error = "ETIMEDOUT"; });
        }
    }

    void exits(Side side) {
        const std::string who = name(side);
        add(who + " ends by another signal", [side](Expectation& expect) {
            expect.exits.of(side) = {true, SIGQUIT};
        });
        add(who + " ends with another status", [side](Expectation& expect) {
            expect.exits.of(side) = {false, 9};
        });
        if (original_.exits.of(side)) {
            add(who + " runs on", [side](Expectation& expect) { expect.exits.of(side).reset(); });
        }
    }

    void numbers() {
        for (const TcpEvent& event : kTcpEvents) {
            if (is_judged_event(event.name)) {
                add(event.name, [&](Expectation& expect) { ++expect.events[event.name]; });
            }
        }
        for (const auto& [event, count] : original_.events) {
            add(event + " not",
                [&event = event](Expectation& expect) { expect.events.erase(event); });
        }
        add("a minisock more", [](Expectation& expect) { ++expect.minisocks; });
        add("tw", [](Expectation& expect) { expect.tw->push_back(7); });
        if (original_.orphan) {
            add("orphan", [](Expectation& expect) { expect.orphan->push_back(7); });
        }
        if (original_.fin_wait2_ended) {
            add("the tracker's word", [](Expectation& expect) {
                expect.fin_wait2_ended = *expect.fin_wait2_ended == "killed" ? "expired" : "killed";
            });
        }
    }

    void packets() {
        for (std::size_t index = 0; index < original_.packets->size(); ++index) {
            const std::string where = "packet " + std::to_string(index);
            const auto place = static_cast<std::ptrdiff_t>(index);
            add(where + " left out", [place](Expectation& expect) {
                expect.packets->erase(expect.packets->begin() + place);
            });
            add(where + " one too many", [place](Expectation& expect) {
                expect.packets->insert(expect.packets->begin() + place, "server R");
            });
        }
    }

    const Expectation& original_;
    std::vector<Mutant> mutants_;
};

TEST(Verdict, EveryChangeOfWhatIsExpectedFails) {
    std::size_t count = 0;
    for (const Scenario& scenario : runnable_scenarios()) {
        const Trace trace = recorded_trace(scenario.name);
        const Mutants mutants(scenario.expect, trace);
        for (const Mutant& mutant : mutants.all()) {
            const Verdict verdict = judge(mutant.expect, trace, kTimeout);
            EXPECT_FALSE(verdict.passed()) << scenario.name << ": " << mutant.what;
            ++count;
        }
    }
    EXPECT_GT(count, 500U);
}

// ---- what was observed is changed ----------------------------------------------------------------------------------

struct Change {
    const char* what;
    std::function<void(Trace&)> change;
    const char* why;
    bool conclusive;
};

TEST(Verdict, EveryPartOfAnIncompleteOrDifferentStoryFails) {
    const Change changes[] = {
        {"no end", [](Trace& trace) { trace.finished.reset(); }, "the observation ended early",
         true},
        {"a trouble", [](Trace& trace) { trace.errors.push_back("a dump failed"); },
         "a dump failed", true},
        {"a refusal", [](Trace& trace) { trace.refusal = "not allowed"; }, "not allowed", true},
        {"no counters", [](Trace& trace) { trace.counters.reset(); }, "counters were not read",
         true},
        {"a counter", [](Trace& trace) { trace.counters->moved["OutRsts"] = 1; },
         "OutRsts moved by 1, not by 0", true},
        {"no minisock", [](Trace& trace) { trace.counters->moved["TWKilled"] = 0; },
         "moved by 0, not by 1", true},
        {"no gauges", [](Trace& trace) { trace.counts.clear(); }, "sockstat was never read", true},
        {"tw differs", [](Trace& trace) { ++trace.counts.back().tw_kernel; },
         "counted tw 1, the kernel says 2", true},
        {"an orphan that the kernel does not count",
         [](Trace& trace) { trace.counts[1].orphan_kernel = 0; },
         "counted orphan 1, the kernel says 0", true},
        {"no orphan was seen", [](Trace& trace) { trace.counts.erase(trace.counts.begin() + 1); },
         "orphan went 0, not 0, 1, 0", true},
        {"the client lives", [](Trace& trace) { trace.exits.clear(); }, "client did not end", true},
        {"another signal", [](Trace& trace) { trace.exits[0].exit.number = SIGTERM; },
         "client ended with SIGTERM, not SIGINT", true},
        {"the tracker is mute", [](Trace& trace) { trace.state_ends.clear(); },
         "the tracker did not see", true},
        {"the tracker errs", [](Trace& trace) { trace.state_ends[0].how = "expired"; },
         "expired, not peer_closed", true},
        {"a packet more",
         [](Trace& trace) {
             trace.packets.push_back({*trace.finished, Side::server, "R", 0});
         },
         "packets went", true},
        {"no end-of-file", [](Trace& trace) { trace.calls.pop_back(); }, "client called", true},
        {"too long a look away",
         [](Trace& trace) {
             const Instant begin = beginning(trace);
             trace.gaps.push_back({begin, begin + 101ms});
         },
         "nothing was observed for 101.0 ms from 0.0 ms on", false},
        {"a short look away that hid nothing, and a packet more",
         [](Trace& trace) {
             trace.gaps.push_back({beginning(trace) + 60ms, beginning(trace) + 90ms});
             trace.packets.push_back({*trace.finished, Side::server, "R", 0});
         },
         "packets went", true},
        {"a look away, and FIN-WAIT-1 not seen",
         [](Trace& trace) {
             trace.gaps.push_back({beginning(trace), beginning(trace) + 45ms});
             std::erase_if(trace.observations, [](const StateObservation& observation) {
                 return observation.state == TcpState::fin_wait1;
             });
         },
         "fin_wait1 was not seen, only implied", false},
    };
    for (const Change& change : changes) {
        Trace trace = recorded_trace("late-close");
        change.change(trace);
        const Verdict verdict = judged("late-close", trace);
        EXPECT_FALSE(verdict.passed()) << change.what;
        EXPECT_THAT(verdict.why(), HasSubstr(change.why)) << change.what;
        EXPECT_EQ(verdict.conclusive, change.conclusive) << change.what;
    }
}

TEST(Verdict, AStoryOfNothingFails) {
    for (const Scenario& scenario : runnable_scenarios()) {
        EXPECT_FALSE(judge(scenario.expect, {}, kTimeout).passed()) << scenario.name;
    }
}

TEST(Verdict, AShortLookAwayThatHidNothingPasses) {
    Trace trace = recorded_trace("late-close");
    trace.gaps.push_back({beginning(trace) + 60ms, beginning(trace) + 90ms});
    EXPECT_TRUE(judged("late-close", trace).passed());
}

/// late-close-after-expiry waits two seconds for FIN-WAIT-2 to end.
TEST(Verdict, ALongLookAwayMattersWhereAStateChangedMeanwhile) {
    Trace trace = recorded_trace("late-close-after-expiry");
    const auto expired = std::find_if(trace.observations.begin(), trace.observations.end(),
                                      [](const StateObservation& observation) {
                                          return observation.side == Side::server &&
                                                 observation.state == TcpState::close;
                                      });
    ASSERT_NE(expired, trace.observations.end());
    trace.gaps = {{expired->not_before - 1500ms, expired->not_before - 500ms}};
    EXPECT_TRUE(judged("late-close-after-expiry", trace).passed());
    trace.gaps = {{expired->seen - 1000ms, expired->seen}};
    const Verdict verdict = judged("late-close-after-expiry", trace);
    EXPECT_THAT(verdict.why(), HasSubstr("nothing was observed for 1.000 s"));
    EXPECT_FALSE(verdict.conclusive);
}

TEST(Verdict, EveryStateThatMustBeSeenMustBeSeen) {
    for (const Scenario& scenario : runnable_scenarios()) {
        for (const Side side : tracking::kSides) {
            for (const ExpectedState& state : scenario.expect.states.of(side)) {
                Trace trace = recorded_trace(scenario.name);
                std::erase_if(trace.observations, [&](const StateObservation& observation) {
                    return observation.side == side && observation.state == state.state;
                });
                // The calls may still prove one that may be implied.
                const bool passed = judge(scenario.expect, trace, kTimeout).passed();
                EXPECT_FALSE(passed && !state.may_be_implied)
                    << scenario.name << " " << name(side) << " " << name(state.state);
            }
        }
    }
}

TEST(Verdict, AFinWait2ThatIsCutShortDidNotExpire) {
    Trace trace = recorded_trace("late-close-after-expiry");
    for (StateObservation& observation : trace.observations) {
        if (observation.side == Side::server && observation.state == TcpState::close) {
            observation.seen -= 200ms;
            observation.not_before -= 200ms;
        }
    }
    EXPECT_THAT(judged("late-close-after-expiry", trace).why(),
                HasSubstr("not for at least 2.000 s"));
}

TEST(Verdict, ATimeThatWasObservedTooCoarselyIsNotJudged) {
    Trace trace = recorded_trace("late-close-after-expiry");
    for (StateObservation& observation : trace.observations) {
        if (observation.side == Side::server && observation.state == TcpState::close) {
            observation.not_before -= 80ms;
        }
    }
    const Verdict verdict = judged("late-close-after-expiry", trace);
    EXPECT_THAT(verdict.why(), HasSubstr("polled too rarely"));
    EXPECT_FALSE(verdict.conclusive);
}

TEST(Verdict, AnEndOfFinWait2ThatTheLooksDoNotTellIsNotJudged) {
    Trace trace = recorded_trace("unread-close");
    trace.state_ends.at(0).how = "unknown";
    const Verdict verdict = judged("unread-close", trace);
    EXPECT_THAT(verdict.why(), HasSubstr("how the server's fin_wait2 ended cannot be told"));
    EXPECT_FALSE(verdict.conclusive);
}

TEST(Verdict, AMachineThatWasTooSlowIsNotTheKernelsFault) {
    Trace trace = recorded_trace("write-after-eof");
    for (MadeCall& made : trace.calls) {
        if (made.who == Side::client && made.call.name == "write") {
            made.call.ended += 40ms;
        }
    }
    const Verdict verdict = judged("write-after-eof", trace);
    EXPECT_THAT(verdict.why(), HasSubstr("too late for this case"));
    EXPECT_FALSE(verdict.conclusive);
}

TEST(Verdict, WhyIsOneLine) {
    Trace trace = recorded_trace("late-close");
    trace.errors = {"first", "second"};
    EXPECT_EQ(judged("late-close", trace).why(), "first; second");
    EXPECT_EQ(judged("late-close", recorded_trace("late-close")).why(), "");
}

}  // namespace
}  // namespace halfclosed::scenarios
