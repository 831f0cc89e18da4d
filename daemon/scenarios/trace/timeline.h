#pragma once

#include <string>
#include <vector>

#include "scenarios/trace/trace.h"
#include "tracking/transition.h"

namespace halfclosed::scenarios {

/// One end of the connection was in a state.
struct StateSpan {
    TcpState state = TcpState::established;
    tracking::Evidence evidence = tracking::Evidence::seen;
    Instant not_before;   ///< it came into the state after this
    Instant at;           ///< and not after this
    std::string because;  ///< for an implied one: what proves it

    bool operator==(const StateSpan&) const = default;
};

/// The states that an end was in, in order, from ESTABLISHED on: those that a poll saw, and those
/// too short for any poll that it must have been in between. Implied is only what the calls and
/// counters of the trace, or the state machine itself, prove; where they leave a choice there is a
/// gap.
std::vector<StateSpan> spans(const Trace& trace, Side side);

/// How long the end was in a state at least and at most; nothing while it still is.
struct Stay {
    Duration shortest{0};
    Duration longest{0};

    bool operator==(const Stay&) const = default;
};

/// The stay in spans[index], up to the span after it.
std::optional<Stay> stay(const std::vector<StateSpan>& spans, std::size_t index);

}  // namespace halfclosed::scenarios
