#pragma once

#include <string>
#include <vector>

#include "scenarios/trace/trace.h"

namespace halfclosed::scenarios {

/// Whether a trace went as it must.
struct Verdict {
    std::vector<std::string> faults;  ///< what differs, each a sentence; none: it passed
    /// Whether the faults are TCP's: false where the machine was too slow, or the observation too
    /// thin, for the run to be a case of the scenario at all. Such a run does not pass either, but
    /// it may be repeated.
    bool conclusive = true;

    bool passed() const { return faults.empty(); }
    /// The faults in one line; empty when it passed.
    std::string why() const;

    bool operator==(const Verdict&) const = default;
};

/// Compares what was observed with what is expected. A pure function: the same trace, the same
/// verdict.
Verdict judge(const Expectation& expected, const Trace& trace, const RunParameters& parameters);

}  // namespace halfclosed::scenarios
