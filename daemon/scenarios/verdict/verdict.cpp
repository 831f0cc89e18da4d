#include "scenarios/verdict/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/verdict/judgement.h"
#include "text/time.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;

/// In a gap of this length a whole FIN-WAIT-1 of 40 ms could have come and gone unseen.
constexpr Duration kLongGap = 100ms;

/// Whether an end changed its state within the gap. If none did, nothing was missed: no end comes back to a state that
/// it has left.
bool hid_a_change(const ObservationGap& gap, const Trace& trace) {
    return std::any_of(trace.observations.begin(), trace.observations.end(),
                       [&gap](const StateObservation& observation) {
                           return observation.not_before < gap.to && observation.seen > gap.from;
                       });
}

}  // namespace

void Judgement::observation() {
    for (const std::string& error : trace_.errors) {
        fault(error);
    }
    if (trace_.refusal) {
        fault(*trace_.refusal);
    } else if (!trace_.finished) {
        fault("the observation ended early");
    }
    for (const ObservationGap& gap : trace_.gaps) {
        if (gap.to - gap.from >= kLongGap && hid_a_change(gap, trace_)) {
            missed(fmt::format("nothing was observed for {} from {} on",
                               text::precise_duration_text(gap.to - gap.from),
                               text::precise_duration_text(gap.from - beginning(trace_))));
        }
    }
}

void Judgement::preconditions() {
    for (const TimingPrecondition& it : expected_.preconditions) {
        const programs::Call* const from = find_call(trace_.calls, it.from);
        const programs::Call* const to = find_call(trace_.calls, it.to);
        if (from == nullptr || to == nullptr) {
            continue;  // the comparison of the calls says so
        }
        const Duration took = to->ended - from->began;
        const Duration most = it.at_most.in(parameters_);
        if (took > most) {
            missed(
                fmt::format("the {}'s {}() ended {} after the {}'s {}() began, too late for this "
                            "case ({})",
                            name(it.to.who), to->name, text::precise_duration_text(took),
                            name(it.from.who), from->name, text::precise_duration_text(most)));
        }
    }
}

std::string Verdict::why() const {
    return fmt::format("{}", fmt::join(faults, "; "));
}

Verdict judge(const Expectation& expected, const Trace& trace, const RunParameters& parameters) {
    Judgement judgement(expected, trace, parameters);
    judgement.observation();
    judgement.preconditions();
    for (const Side side : tracking::kSides) {
        judgement.states(side);
        judgement.calls(side);
        judgement.exit(side);
    }
    judgement.counters();
    judgement.counts();
    judgement.fin_wait2_end();
    judgement.packets();
    Verdict verdict = judgement.verdict();
    const bool hidden =
        std::any_of(trace.gaps.begin(), trace.gaps.end(),
                    [&trace](const ObservationGap& gap) { return hid_a_change(gap, trace); });
    if (!verdict.passed() && hidden) {
        verdict.conclusive = false;  // what was not seen may have been there
    }
    return verdict;
}

}  // namespace halfclosed::scenarios
