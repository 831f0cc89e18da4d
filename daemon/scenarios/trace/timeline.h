#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/trace/trace.h"
#include "tracking/custody.h"
#include "tracking/transition.h"

namespace halfclosed::scenarios {

/// Who has the socket of an end, from then on.
struct Holder {
    tracking::Custody custody = tracking::Custody::process;
    Instant since;

    bool operator==(const Holder&) const = default;
};

/// One end of the connection was in a state.
struct StateSpan {
    TcpState state = TcpState::established;
    tracking::Evidence evidence = tracking::Evidence::seen;
    Instant earliest;              ///< it entered the state after this, the last poll without it
    Instant began;                 ///< when it entered the state, as exactly as the trace can tell
    std::optional<Instant> ended;  ///< when the next state began; absent for the last
    std::vector<Holder> holders;   ///< one after another; none if the state was not seen
    std::string because;           ///< of an implied state: what proves it

    bool operator==(const StateSpan&) const = default;
};

/// The states that an end was in, in order, from ESTABLISHED on: those that a poll saw, and those too short for any poll
/// that it must have been in between. Implied is only what the calls and counters of the trace, or the state machine
/// itself, prove; if they leave a choice, there is a gap.
///
/// Where the kernel told, a state has the kernel's time, and is exact, however short it was.
///
/// A poll says only that a state began between two polls. Where a segment that makes an end enter the state passed the
/// wire between them, the state begins at that segment's time stamp; else at the later poll.
std::vector<StateSpan> timeline(const Trace& trace, Side side);

/// How long an end was in a state, at least and at most.
struct DurationBounds {
    Duration shortest{0};
    Duration longest{0};

    bool operator==(const DurationBounds&) const = default;
};

/// Bounds of the time spent in spans[index]; nothing for the last state, which did not end.
std::optional<DurationBounds> duration_bounds(const std::vector<StateSpan>& spans,
                                              std::size_t index);

}  // namespace halfclosed::scenarios
