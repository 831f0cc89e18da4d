#pragma once

#include <string>
#include <vector>

#include "scenarios/trace/trace.h"

namespace halfclosed::scenarios {

/// Whether a trace is what its scenario expects.
struct Verdict {
    std::vector<std::string> faults;  ///< what differs, a sentence each; empty: it passed
    /// Whether the faults are TCP's: false if the machine was too slow, or the observation too sparse, for the run to
    /// be a case of the scenario at all. Such a run does not pass either, but may be repeated.
    bool conclusive = true;

    bool passed() const { return faults.empty(); }
    /// The faults in one line; empty when it passed.
    std::string why() const;

    bool operator==(const Verdict&) const = default;
};

/// Compares what was observed with what is expected. A pure function: the same trace, the same verdict.
Verdict judge(const Expectation& expected, const Trace& trace, const RunParameters& parameters);

}  // namespace halfclosed::scenarios
