#include "scenarios/verdict/verdict.h"

#include <algorithm>

#include "scenarios/verdict/verdict_parts.h"
#include "text/time.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;

/// Beyond this a whole FIN-WAIT-1 of 40 ms, and more, could have come and gone unseen.
constexpr Duration kTooBlind = 100ms;

/// Whether an end changed its state while nobody looked. Where none did, nothing was missed: no end
/// comes back to a state that it has left.
bool hid_a_change(const ObservationGap& span, const Trace& trace) {
    return std::any_of(trace.observations.begin(), trace.observations.end(),
                       [&span](const StateObservation& observation) {
                           return observation.not_before < span.to && observation.seen > span.from;
                       });
}

void observation(const Trace& trace, VerdictBuilder& findings) {
    for (const std::string& trouble : trace.troubles) {
        findings.fault(trouble);
    }
    if (trace.refusal) {
        findings.fault(*trace.refusal);
    } else if (!trace.finished) {
        findings.fault("the observation ended early");
    }
    for (const ObservationGap& span : trace.blind) {
        if (span.to - span.from >= kTooBlind && hid_a_change(span, trace)) {
            findings.missed("nothing was observed for " +
                            text::precise_duration_text(span.to - span.from) + " from " +
                            text::precise_duration_text(span.from - beginning(trace)) + " on");
        }
    }
}

const programs::Call* find(const Trace& trace, const CallReference& reference) {
    std::uint64_t nth = 0;
    for (const MadeCall& made : trace.calls) {
        if (made.who == reference.who && made.call.name == reference.call &&
            ++nth == reference.nth) {
            return &made.call;
        }
    }
    return nullptr;
}

void premises(const Expectation& expected, const Trace& trace, const RunParameters& parameters,
              VerdictBuilder& findings) {
    for (const TimingPrecondition& premise : expected.premises) {
        const programs::Call* const from = find(trace, premise.from);
        const programs::Call* const to = find(trace, premise.to);
        if (from == nullptr || to == nullptr) {
            continue;  // the comparison of the calls says so
        }
        const Duration took = to->ended - from->began;
        const Duration most = premise.at_most.in(parameters);
        if (took > most) {
            findings.missed(std::string("the ") + name(premise.to.who) + "'s " + to->name +
                            "() ended " + text::precise_duration_text(took) + " after the " +
                            name(premise.from.who) + "'s " + from->name +
                            "() began, too late for this case (" +
                            text::precise_duration_text(most) + ")");
        }
    }
}

}  // namespace

std::string Verdict::why() const {
    std::string joined;
    for (const std::string& fault : faults) {
        joined.append(joined.empty() ? "" : "; ").append(fault);
    }
    return joined;
}

Verdict judge(const Expectation& expected, const Trace& trace, const RunParameters& parameters) {
    VerdictBuilder findings;
    observation(trace, findings);
    premises(expected, trace, parameters, findings);
    for (const Side side : tracking::kSides) {
        judge_states(side, expected, trace, parameters, findings);
        judge_calls(side, expected, trace, findings);
        judge_exit(side, expected, trace, findings);
    }
    judge_events(expected, trace, findings);
    judge_gauges(expected, trace, findings);
    judge_tracked(expected, trace, findings);
    judge_packets(expected, trace, findings);
    Verdict verdict = findings.verdict();
    const bool blinded =
        std::any_of(trace.blind.begin(), trace.blind.end(),
                    [&trace](const ObservationGap& span) { return hid_a_change(span, trace); });
    if (!verdict.passed() && blinded) {
        verdict.conclusive = false;  // what was not seen may have been there
    }
    return verdict;
}

}  // namespace halfclosed::scenarios
