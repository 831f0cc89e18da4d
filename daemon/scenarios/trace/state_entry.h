#pragma once

#include <optional>

#include "scenarios/trace/timeline.h"

namespace halfclosed::scenarios {

/// When the end entered the state of `span`, coming from `before`, if a segment or a call of the trace made it do so
/// between `span.earliest`, not before `from`, and `span.began`. Nothing if none did.
std::optional<Instant> state_entry(const Trace& trace, Side side, const StateSpan& span,
                                   std::optional<TcpState> before, Instant from);

}  // namespace halfclosed::scenarios
