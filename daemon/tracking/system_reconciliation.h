#pragma once

#include <cstdint>
#include <span>

#include "tracking/reconciliation.h"

namespace halfclosed::tracking {

/// What the censuses of several network namespaces say together. The counts that the kernel keeps for each namespace are
/// compared there; orphans it counts for the whole system, so theirs are compared once all namespaces were counted.
class SystemReconciler {
 public:
    /// A census of each namespace begins, and the kernel counts so many orphans.
    void begin_round(std::uint64_t orphans);

    /// So many orphans later in that round.
    void read_orphans(std::uint64_t orphans);

    struct Part {
        Reconciliation reconciliation;
        Churn churn;  ///< since the census before
    };

    /// After the round. `everywhere`: these are all namespaces that the system has; then orphans must be equal, within
    /// what came and went during the round. Else ours are a lower bound.
    Reconciliation judge(std::span<const Part> parts, bool everywhere);

    /// Before the first round is over there are only sums, and orphans are a lower bound.
    Reconciliation sum(std::span<const Part> parts) const;

 private:
    std::uint64_t least_ = 0;  ///< of the readings of the round
    std::uint64_t most_ = 0;
    std::uint64_t last_ = 0;
    unsigned strikes_ = 0;
};

}  // namespace halfclosed::tracking
