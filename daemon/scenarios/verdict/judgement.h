#pragma once

#include <string>

#include "scenarios/trace/timeline.h"
#include "scenarios/verdict/verdict.h"

namespace halfclosed::scenarios {

/// judge() while it is at work. Each part compares one aspect of the trace with what is expected of it, and adds what
/// differs.
class Judgement {
 public:
    Judgement(const Expectation& expected, const Trace& trace, const RunParameters& parameters)
        : expected_(expected), trace_(trace), parameters_(parameters) {}

    /// Whether the trace is whole, and nothing was missed.
    void observation();
    /// Whether the machine was fast enough for the run to be a case of the scenario.
    void preconditions();
    /// The states of one end, in order, with their evidence, their times and who held the socket.
    void states(Side side);
    /// What one program called, with results and errno.
    void calls(Side side);
    /// How one program ended, or that it did not.
    void exit(Side side);
    /// The kernel's TCP event counters.
    void counters();
    /// Orphans and minisocks: our counts against the kernel's, and against what is expected.
    void counts();
    /// The tracker's classification of how the FIN-WAIT-2 ended.
    void fin_wait2_end();
    /// The segments on the wire, in order.
    void packets();

    const Verdict& verdict() const { return verdict_; }

 private:
    /// The trace differs from what is expected.
    void fault(const std::string& what) { verdict_.faults.push_back(what); }

    /// The machine was too slow, or the observation too sparse, to tell.
    void missed(const std::string& what) {
        fault(what);
        verdict_.conclusive = false;
    }

    void duration(const std::string& what, const ExpectedState& expected,
                  const std::optional<DurationBounds>& bounds);
    void custody(Side side, const ExpectedState& expected);
    void sequence(const char* what, const std::optional<std::vector<std::uint64_t>>& expected,
                  std::uint64_t CountSample::*counted);

    const Expectation& expected_;
    const Trace& trace_;
    const RunParameters& parameters_;
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

}  // namespace halfclosed::scenarios
