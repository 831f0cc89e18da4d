#pragma once

#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The report's sockets that are half-closed now, the oldest first: as a person and a program are
/// shown them.
std::vector<const tracking::TrackedSocket*> oldest_first(const Report& report);

}  // namespace halfclosed::exporters
