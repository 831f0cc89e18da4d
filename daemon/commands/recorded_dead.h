#pragma once

#include <string>

#include "commands/past_scope.h"
#include "exporters/snapshot/snapshot.h"
#include "tracking/watched_ports.h"

namespace halfclosed {

/// Adds the dead sockets that a running daemon knows to a snapshot of the present: a single look cannot tell what an open
/// descriptor was before its socket left the kernel's tables. They are those of the history in the directory whose
/// descriptor is still open, as /proc says now, of the ports and in the namespaces that were looked at. Without a history
/// that may be read, or with one of another boot, the snapshot stays as it is, and the answer says why; else it is empty.
std::string add_recorded_dead(exporters::Snapshot& snapshot, const tracking::WatchedPorts& ports,
                              const std::string& directory, const PastScope& scope);

}  // namespace halfclosed
