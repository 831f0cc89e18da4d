#pragma once

#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "history/sqlite.h"
#include "records/port_range.h"

namespace halfclosed {

/// The half-closed and dead sockets of these ports (none: of all that were watched) at a time, as a history has them.
/// There is no census and no reconciliation. Throws std::runtime_error if nobody looked at that time.
exporters::Snapshot snapshot_at(const history::Connection& connection, WallTime time,
                                const std::vector<PortRange>& ports);

}  // namespace halfclosed
