#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// Why what is known of the sockets is not the present; empty if it is. Null: nothing is known yet.
std::string blindness(const Snapshot* snapshot, Instant now);

}  // namespace halfclosed::exporters
