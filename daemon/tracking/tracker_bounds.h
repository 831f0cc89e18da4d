#pragma once

#include <memory>

#include "tracking/allowance.h"
#include "tracking/counted_sockets.h"
#include "tracking/dead_sockets.h"

namespace halfclosed::tracking {

/// What trackers may keep, all of those together that share it. Above each bound counts stay right as long as they can,
/// and less is said of single sockets.
struct TrackerBounds {
    static constexpr std::size_t kMostTimeWaits = 16'384;

    Allowance detail;                          ///< half-closed sockets that are kept in detail
    Allowance counted{CountedSockets::kMost};  ///< those beyond, that are counted one by one
    Allowance time_waits{kMostTimeWaits};      ///< followed to the end of TIME-WAIT
    Allowance dead{DeadSockets::kMost};        ///< in no table, and perhaps with a descriptor
    Allowance candidates{DeadSockets::kMostCandidates};  ///< of these, not looked for yet
};

using SharedBounds = std::shared_ptr<TrackerBounds>;

/// A share of one of them, which keeps all of them alive.
inline Allowance::Share share_of(const SharedBounds& bounds, Allowance TrackerBounds::*which) {
    return Allowance::Share(std::shared_ptr<Allowance>(bounds, &(bounds.get()->*which)));
}

}  // namespace halfclosed::tracking
