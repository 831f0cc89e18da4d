#pragma once

#include <set>

#include "records/exact_counts.h"

namespace halfclosed::tracking {

/// What was counted for one port on one side since the last time.
struct ExactSteps {
    std::array<std::uint64_t, ExactCounts::kEdges> edges{};  ///< in the order of closing_edges()
    std::uint64_t expired = 0;  ///< of the edges from FIN-WAIT-2 to CLOSE: its time was up
    std::uint64_t killed = 0;   ///< and the others
    std::uint64_t resets_received = 0;
    std::array<std::uint64_t, kResetReasons> resets_sent{};  ///< by ResetReason

    bool operator==(const ExactSteps&) const = default;
};

/// Turns totals that the kernel's programs have counted into what came since the last time, each once.
///
/// Some counts are taken back a moment after they were made: a minisock's timer that is cancelled was perhaps set anew, or
/// has fired, which is told next; a reset that was received was perhaps data after close(). Of these only what two
/// readings in a row agree on is told: a reading later than the others.
class ExactGrowth {
 public:
    using Steps = std::map<ExactKey, ExactSteps>;

    /// `totals`: as read now, never less than before but for what was taken back.
    Steps advance(const ExactTotals& totals);

    /// The counts of these namespaces are from the next reading on among those of NamespaceId{}
    /// (exact::Source::leave()).
    void leave(const std::set<NamespaceId>& spaces);

 private:
    struct Told {
        ExactSteps steps;   ///< in sum
        ExactSteps before;  ///< the totals at the last reading
    };
    std::map<ExactKey, Told> told_;
};

}  // namespace halfclosed::tracking
