#include "tracking/system_reconciliation.h"

#include <algorithm>

namespace halfclosed::tracking {

void SystemReconciler::begin_round(std::uint64_t orphans) {
    least_ = most_ = last_ = orphans;
}

void SystemReconciler::read_orphans(std::uint64_t orphans) {
    least_ = std::min(least_, orphans);
    most_ = std::max(most_, orphans);
    last_ = orphans;
}

Reconciliation SystemReconciler::sum(std::span<const Part> parts) const {
    Reconciliation result;
    for (const Part& part : parts) {
        for (const Count count : {Count::inuse, Count::inuse6, Count::tw}) {
            result[count].counted += part.reconciliation[count].counted;
            result[count].kernel += part.reconciliation[count].kernel;
            result[count].within = result[count].within && part.reconciliation[count].within;
            result[count].agrees = result[count].agrees && part.reconciliation[count].agrees;
        }
        result[Count::orphan].counted += part.reconciliation[Count::orphan].counted;
    }
    Reconciled& orphan = result[Count::orphan];
    orphan.kernel = last_;
    orphan.elsewhere = last_ > orphan.counted ? last_ - orphan.counted : 0;
    return result;
}

Reconciliation SystemReconciler::judge(std::span<const Part> parts, bool everywhere) {
    Reconciliation result = sum(parts);
    // Namespaces were counted one after the other: each close meanwhile may have been counted as an orphan, or not.
    std::uint64_t slack = 0;
    for (const Part& part : parts) {
        slack += part.churn.opened + part.churn.minisocks;
    }
    Reconciled& orphan = result[Count::orphan];
    orphan.within = orphan.counted <= most_ + slack;
    if (everywhere) {
        orphan.elsewhere = 0;
        orphan.within = orphan.within && orphan.counted + slack >= least_;
    }
    strikes_ = orphan.within ? 0 : strikes_ + 1;
    orphan.agrees = strikes_ < Reconciler::kStrikes;
    return result;
}

}  // namespace halfclosed::tracking
