#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "records/port_range.h"

namespace halfclosed {

/// Takes recordings for the looks of an observer, `interval` apart, and snapshots what they show. A socket that the next
/// recording does not have is gone: there is no kernel to ask. What no recording holds (sockstat, sysctls) is absent.
/// Throws netlink::Error for a stream that is not whole, std::system_error for a file that cannot be read.
exporters::Snapshot replay_recordings(const std::vector<std::string>& files,
                                      const std::vector<PortRange>& ports,
                                      std::chrono::nanoseconds interval,
                                      const exporters::BuildInfo& build);

}  // namespace halfclosed
