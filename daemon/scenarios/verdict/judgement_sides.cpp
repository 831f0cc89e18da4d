#include <fmt/format.h>

#include <algorithm>

#include "scenarios/programs/signal_name.h"
#include "scenarios/verdict/judgement.h"
#include "text/time.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;
using text::precise_duration_text;

/// How far a bound on a time and what the polls can tell of it may lie apart. The states that are bounded last for tens
/// of milliseconds or seconds; a poll comes every millisecond or two.
constexpr Duration kTolerance = 50ms;

std::string text_of(const ExpectedCall& call) {
    return fmt::format("{}(){}{}{}", call.name,
                       call.result ? " = " + std::to_string(*call.result) : "",
                       call.error.empty() ? "" : " ", call.error);
}

std::string text_of(const Exit& exit) {
    return exit.by_signal ? programs::signal_name(exit.number)
                          : fmt::format("exit {}", exit.number);
}

bool meets(const programs::Call& made, const ExpectedCall& expected) {
    const std::string error = made.error == 0 ? "" : programs::errno_name(made.error);
    return made.name == expected.name && error == expected.error &&
           (!expected.result || made.result == *expected.result);
}

}  // namespace

void Judgement::states(Side side) {
    const std::vector<StateSpan> spans = timeline(trace_, side);
    const std::vector<ExpectedState>& expected = expected_.states.of(side);
    const bool same = std::equal(spans.begin(), spans.end(), expected.begin(), expected.end(),
                                 [](const StateSpan& left, const ExpectedState& right) {
                                     return left.state == right.state;
                                 });
    const auto state_name = [](const auto& it) { return name(it.state); };
    if (!same) {
        fault(fmt::format("{} went {}, not {}", name(side), list(spans, state_name),
                          list(expected, state_name)));
        return;
    }
    for (std::size_t index = 0; index < spans.size(); ++index) {
        const StateSpan& span = spans[index];
        if (span.evidence == tracking::Evidence::implied && !expected[index].may_be_implied) {
            fault(fmt::format("{}'s {} was not seen, only implied: {}", name(side),
                              name(span.state), span.because));
        }
        duration(fmt::format("{} was in {}", name(side), name(span.state)), expected[index],
                 duration_bounds(spans, index));
        custody(side, expected[index]);
    }
}

void Judgement::duration(const std::string& what, const ExpectedState& expected,
                         const std::optional<DurationBounds>& bounds) {
    if (!expected.at_least && !expected.at_most) {
        return;
    }
    if (!bounds) {
        fault(what + " to the end, not for a bounded time");
        return;
    }
    if (expected.at_least) {
        const Duration least = expected.at_least->in(parameters_);
        if (bounds->longest < least) {
            fault(fmt::format("{} for {}, not for at least {}", what,
                              precise_duration_text(bounds->longest),
                              precise_duration_text(least)));
        } else if (bounds->shortest < least - kTolerance) {
            missed(fmt::format("{} for {} or more: polled too rarely", what,
                               precise_duration_text(bounds->shortest)));
        }
    }
    if (expected.at_most) {
        const Duration most = expected.at_most->in(parameters_);
        if (bounds->shortest > most) {
            fault(fmt::format("{} for {}, not for at most {}", what,
                              precise_duration_text(bounds->shortest),
                              precise_duration_text(most)));
        } else if (bounds->longest > most + kTolerance) {
            missed(fmt::format("{} for up to {}: polled too rarely", what,
                               precise_duration_text(bounds->longest)));
        }
    }
}

void Judgement::custody(Side side, const ExpectedState& expected) {
    if (!expected.custody) {
        return;
    }
    std::optional<tracking::Custody> last;
    for (const StateObservation& observation : trace_.observations) {
        if (observation.side == side && observation.state == expected.state) {
            last = observation.custody;
        }
    }
    if (last != expected.custody) {
        fault(fmt::format("{}'s {} was held by {}, not by {}", name(side), name(expected.state),
                          last ? tracking::name(*last) : "nobody that was seen",
                          tracking::name(*expected.custody)));
    }
}

void Judgement::calls(Side side) {
    std::vector<programs::Call> made;
    for (const MadeCall& call : trace_.calls) {
        if (call.who == side) {
            made.push_back(call.call);
        }
    }
    const std::vector<ExpectedCall>& expected = expected_.calls.of(side);
    if (!std::equal(made.begin(), made.end(), expected.begin(), expected.end(), meets)) {
        fault(fmt::format("{} called {}, not {}", name(side),
                          list(made, [](const programs::Call& call) { return to_string(call); }),
                          list(expected, [](const ExpectedCall& call) { return text_of(call); })));
    }
}

void Judgement::exit(Side side) {
    const std::optional<Exit>& expected = expected_.exits.of(side);
    std::optional<Exit> actual;
    for (const ProgramExit& it : trace_.exits) {
        if (it.who == side) {
            actual = it.exit;
        }
    }
    if (actual == expected) {
        return;
    }
    if (!actual) {
        fault(fmt::format("{} did not end", name(side)));
    } else {
        fault(fmt::format("{} ended with {}, {}", name(side), text_of(*actual),
                          expected ? "not " + text_of(*expected) : "though it is to run on"));
    }
}

}  // namespace halfclosed::scenarios
