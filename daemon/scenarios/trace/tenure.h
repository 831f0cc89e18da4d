#pragma once

#include <optional>
#include <vector>

#include "scenarios/trace/trace.h"
#include "tracking/custody.h"
#include "tracking/transition.h"

namespace halfclosed::scenarios {

/// Somebody had the socket of an end from then on.
struct Holder {
    tracking::Custody custody = tracking::Custody::process;
    Instant since;

    bool operator==(const Holder&) const = default;
};

/// One end was in a state from one moment to another.
struct Tenure {
    TcpState state = TcpState::established;
    tracking::Evidence evidence = tracking::Evidence::seen;
    Instant from;
    std::optional<Instant> to;    ///< nothing: it still was when the trace ended
    std::vector<Holder> holders;  ///< one after another; none where the state was not seen

    bool operator==(const Tenure&) const = default;
};

/// The states that an end was in, as spans() knows them, each from the moment at which it began as exactly as the
/// trace can tell: a poll says only that it was between two looks, but the segment that made the change passed the wire
/// at a time that the kernel itself wrote down. Where no segment of those that can make it lies between the looks, it is
/// the later look.
std::vector<Tenure> tenures(const Trace& trace, Side side);

}  // namespace halfclosed::scenarios
