#pragma once

#include "commands/past_scope.h"
#include "exporters/snapshot/snapshot.h"
#include "history/sqlite.h"

namespace halfclosed {

/// The half-closed and dead sockets of the scope at a time, as a history has them.
/// There is no census and no reconciliation. Throws std::runtime_error if nobody looked at that time.
exporters::Snapshot snapshot_at(const history::Connection& connection, WallTime time,
                                const PastScope& scope);

}  // namespace halfclosed
