#pragma once

#include <string>

#include "scenarios/verdict/verdict.h"

namespace halfclosed::scenarios {

// The parts of judge(). Each compares one side of the trace with what is expected of it, and adds what differs.

/// What a part of the verdict found.
class VerdictBuilder {
 public:
    /// The trace differs from what is expected.
    void fault(const std::string& what) { verdict_.faults.push_back(what); }

    /// The machine was too slow, or the observation too thin, to tell.
    void missed(const std::string& what) {
        fault(what);
        verdict_.conclusive = false;
    }

    bool any() const { return !verdict_.faults.empty(); }
    const Verdict& verdict() const { return verdict_; }

 private:
    Verdict verdict_;
};

/// The items as words, with commas between; "none".
template <typename Items, typename Text>
std::string list(const Items& items, Text text) {
    std::string joined;
    for (const auto& item : items) {
        joined.append(joined.empty() ? "" : ", ").append(text(item));
    }
    return joined.empty() ? "none" : joined;
}

/// The states of one end, in order, with their evidence, their times and who held it.
void judge_states(Side side, const Expectation& expected, const Trace& trace,
                  const RunParameters& parameters, VerdictBuilder& findings);

/// What one program called, with results and errno.
void judge_calls(Side side, const Expectation& expected, const Trace& trace,
                 VerdictBuilder& findings);

/// How one program ended, or that it did not.
void judge_exit(Side side, const Expectation& expected, const Trace& trace,
                VerdictBuilder& findings);

/// The kernel's counters.
void judge_events(const Expectation& expected, const Trace& trace, VerdictBuilder& findings);

/// Orphans and minisocks: our counts against the kernel's, and against what is expected.
void judge_gauges(const Expectation& expected, const Trace& trace, VerdictBuilder& findings);

/// The tracker's word on how the FIN-WAIT-2 of the end that had one ended.
void judge_tracked(const Expectation& expected, const Trace& trace, VerdictBuilder& findings);

/// The segments on the wire, in order.
void judge_packets(const Expectation& expected, const Trace& trace, VerdictBuilder& findings);

}  // namespace halfclosed::scenarios
