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
bool hid_a_change(const BlindSpan& span, const Story& story) {
    return std::any_of(story.sightings.begin(), story.sightings.end(),
                       [&span](const Sighting& sighting) {
                           return sighting.not_before < span.to && sighting.seen > span.from;
                       });
}

void observation(const Story& story, Findings& findings) {
    for (const std::string& trouble : story.troubles) {
        findings.fault(trouble);
    }
    if (story.refusal) {
        findings.fault(*story.refusal);
    } else if (!story.finished) {
        findings.fault("the observation ended early");
    }
    for (const BlindSpan& span : story.blind) {
        if (span.to - span.from >= kTooBlind && hid_a_change(span, story)) {
            findings.missed("nothing was observed for " +
                            text::precise_duration_text(span.to - span.from) + " from " +
                            text::precise_duration_text(span.from - beginning(story)) + " on");
        }
    }
}

const programs::Call* find(const Story& story, const CallReference& reference) {
    std::uint64_t nth = 0;
    for (const MadeCall& made : story.calls) {
        if (made.who == reference.who && made.call.name == reference.call &&
            ++nth == reference.nth) {
            return &made.call;
        }
    }
    return nullptr;
}

void premises(const Expectation& expected, const Story& story, const Terms& terms,
              Findings& findings) {
    for (const Premise& premise : expected.premises) {
        const programs::Call* const from = find(story, premise.from);
        const programs::Call* const to = find(story, premise.to);
        if (from == nullptr || to == nullptr) {
            continue;  // the comparison of the calls says so
        }
        const Duration took = to->ended - from->began;
        const Duration most = premise.at_most.in(terms);
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

Verdict judge(const Expectation& expected, const Story& story, const Terms& terms) {
    Findings findings;
    observation(story, findings);
    premises(expected, story, terms, findings);
    for (const Side side : tracking::kSides) {
        judge_states(side, expected, story, terms, findings);
        judge_calls(side, expected, story, findings);
        judge_exit(side, expected, story, findings);
    }
    judge_events(expected, story, findings);
    judge_gauges(expected, story, findings);
    judge_tracked(expected, story, findings);
    judge_packets(expected, story, findings);
    Verdict verdict = findings.verdict();
    const bool blinded =
        std::any_of(story.blind.begin(), story.blind.end(),
                    [&story](const BlindSpan& span) { return hid_a_change(span, story); });
    if (!verdict.passed() && blinded) {
        verdict.conclusive = false;  // what was not seen may have been there
    }
    return verdict;
}

}  // namespace halfclosed::scenarios
