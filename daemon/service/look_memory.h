#pragma once

#include <memory>

#include "exporters/snapshot/duration_exemplars.h"
#include "exporters/snapshot/leaks.h"
#include "exporters/snapshot/owner_growth.h"
#include "exporters/snapshot/unaccounted.h"
#include "tracking/changes.h"

namespace halfclosed {

/// What a daemon knows of the looks before the last: whose leaks there were and how fast they grew, which sockets were in
/// which bucket, and whether the kernel has ever more sockets that are in no table.
class LookMemory {
 public:
    /// What a look has brought. `before` is the snapshot of before it; null: there is none.
    void note(const tracking::Changes& changes, WallTime time, const exporters::Snapshot* before);

    /// Of a snapshot of a new look.
    void count_unaccounted(exporters::Snapshot& snapshot);

    /// Adds to the snapshot what is remembered.
    void fill(exporters::Snapshot& snapshot);

    /// Remembers the snapshot.
    void observe(const exporters::Snapshot& snapshot);

 private:
    exporters::LeakMemory leaks_;
    exporters::OwnerGrowthMemory growth_;
    exporters::UnaccountedMemory unaccounted_;
    exporters::DurationExemplars exemplars_;
    std::shared_ptr<const exporters::DurationExemplars>
        shown_exemplars_;  ///< null once they changed
    bool told_unaccounted_ = false;
};

}  // namespace halfclosed
