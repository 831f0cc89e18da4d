#include <algorithm>

#include "scenarios/programs/signal_name.h"
#include "scenarios/trace/timeline.h"
#include "scenarios/verdict/verdict_parts.h"
#include "text/time.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;

/// How far a bound on a time and what the polls can tell of it may lie apart. The states that are
/// bounded stand for tens of milliseconds or seconds, a poll comes every millisecond or two.
constexpr Duration kBlur = 50ms;

std::string text_of(const ExpectedCall& call) {
    std::string text = call.name + "()";
    if (call.result) {
        text.append(" = ").append(std::to_string(*call.result));
    }
    if (!call.error.empty()) {
        text.append(" ").append(call.error);
    }
    return text;
}

std::string text_of(const Exit& exit) {
    return exit.by_signal ? programs::signal_name(exit.number)
                          : "exit " + std::to_string(exit.number);
}

bool meets(const programs::Call& made, const ExpectedCall& expected) {
    const std::string error = made.error == 0 ? "" : programs::errno_name(made.error);
    return made.name == expected.name && error == expected.error &&
           (!expected.result || made.result == *expected.result);
}

void judge_time(Side side, const ExpectedState& expected, const std::optional<Stay>& stay,
                const RunParameters& parameters, VerdictBuilder& findings) {
    if (!expected.at_least && !expected.at_most) {
        return;
    }
    const std::string what = std::string(name(side)) + " was in " + name(expected.state);
    if (!stay) {
        findings.fault(what + " to the end, not for a bounded time");
        return;
    }
    if (expected.at_least) {
        const Duration least = expected.at_least->in(parameters);
        if (stay->longest < least) {
            findings.fault(what + " for " + text::precise_duration_text(stay->longest) +
                           ", not for at least " + text::precise_duration_text(least));
        } else if (stay->shortest < least - kBlur) {
            findings.missed(what + " for " + text::precise_duration_text(stay->shortest) +
                            " or more: looked too rarely");
        }
    }
    if (expected.at_most) {
        const Duration most = expected.at_most->in(parameters);
        if (stay->shortest > most) {
            findings.fault(what + " for " + text::precise_duration_text(stay->shortest) +
                           ", not for at most " + text::precise_duration_text(most));
        } else if (stay->longest > most + kBlur) {
            findings.missed(what + " for up to " + text::precise_duration_text(stay->longest) +
                            ": looked too rarely");
        }
    }
}

void judge_custody(Side side, const ExpectedState& expected, const Trace& trace,
                   VerdictBuilder& findings) {
    if (!expected.custody) {
        return;
    }
    std::optional<tracking::Custody> last;
    for (const StateObservation& observation : trace.observations) {
        if (observation.side == side && observation.state == expected.state) {
            last = observation.custody;
        }
    }
    if (last != expected.custody) {
        findings.fault(std::string(name(side)) + "'s " + name(expected.state) + " was held by " +
                       (last ? name(*last) : "nobody that was seen") + ", not by " +
                       name(*expected.custody));
    }
}

}  // namespace

void judge_states(Side side, const Expectation& expectation, const Trace& trace,
                  const RunParameters& parameters, VerdictBuilder& findings) {
    const std::vector<StateSpan> passed = spans(trace, side);
    const std::vector<ExpectedState>& expected = expectation.states.of(side);
    const bool same = std::equal(passed.begin(), passed.end(), expected.begin(), expected.end(),
                                 [](const StateSpan& left, const ExpectedState& right) {
                                     return left.state == right.state;
                                 });
    if (!same) {
        findings.fault(
            std::string(name(side)) + " went " +
            list(passed, [](const StateSpan& span) { return name(span.state); }) + ", not " +
            list(expected, [](const ExpectedState& state) { return name(state.state); }));
        return;
    }
    for (std::size_t index = 0; index < passed.size(); ++index) {
        if (passed[index].evidence == tracking::Evidence::implied &&
            !expected[index].may_be_implied) {
            findings.fault(std::string(name(side)) + "'s " + name(passed[index].state) +
                           " was not seen, only implied: " + passed[index].because);
        }
        judge_time(side, expected[index], stay(passed, index), parameters, findings);
        judge_custody(side, expected[index], trace, findings);
    }
}

void judge_calls(Side side, const Expectation& expectation, const Trace& trace,
                 VerdictBuilder& findings) {
    std::vector<programs::Call> made;
    for (const MadeCall& call : trace.calls) {
        if (call.who == side) {
            made.push_back(call.call);
        }
    }
    const std::vector<ExpectedCall>& expected = expectation.calls.of(side);
    if (!std::equal(made.begin(), made.end(), expected.begin(), expected.end(), meets)) {
        findings.fault(std::string(name(side)) + " called " +
                       list(made, [](const programs::Call& call) { return to_string(call); }) +
                       ", not " +
                       list(expected, [](const ExpectedCall& call) { return text_of(call); }));
    }
}

void judge_exit(Side side, const Expectation& expectation, const Trace& trace,
                VerdictBuilder& findings) {
    const std::optional<Exit>& expected = expectation.exits.of(side);
    std::optional<Exit> is;
    for (const Ended& ended : trace.endings) {
        if (ended.who == side) {
            is = ended.exit;
        }
    }
    if (is == expected) {
        return;
    }
    const std::string who = name(side);
    if (!is) {
        findings.fault(who + " did not end");
    } else if (!expected) {
        findings.fault(who + " ended with " + text_of(*is) + ", though it is to run on");
    } else {
        findings.fault(who + " ended with " + text_of(*is) + ", not " + text_of(*expected));
    }
}

}  // namespace halfclosed::scenarios
