#pragma once

#include <vector>

#include "scenarios/trace/timeline.h"

namespace halfclosed::scenarios {

/// `earliest` where only the latest time is known.
inline constexpr Instant kUnknown = Instant::min();

/// The states that one end must have been in by the calls and counters of the trace, whether a poll saw them or not:
/// implied spans, each with its reason. `seen` is what the polls saw of this end.
std::vector<StateSpan> implied_states(const Trace& trace, Side side,
                                      const std::vector<StateSpan>& seen);

}  // namespace halfclosed::scenarios
