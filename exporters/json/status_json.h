#pragma once

#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The schema `halfclosed.status/1`: how the daemon is doing, on one line with a newline at its end. `addresses` are the
/// URLs of its page. Counts are null while it does not see; `why` says why not.
std::string status_json(const Snapshot& snapshot, Instant now,
                        const std::vector<std::string>& addresses);

}  // namespace halfclosed::exporters
