#pragma once

#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The snapshot's sockets that are half-closed now, the oldest first: as a person and a program are
/// shown them.
std::vector<const tracking::TrackedSocket*> oldest_first(const Snapshot& snapshot);

/// The dead sockets, those that died first before the others.
std::vector<const tracking::DeadSocket*> dead_first(const Snapshot& snapshot);

}  // namespace halfclosed::exporters
