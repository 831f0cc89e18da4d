#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The snapshot's sockets that are half-closed now, as it has them.
std::vector<const tracking::TrackedSocket*> half_closed_sockets(const Snapshot& snapshot);

/// Whether `a` comes before `b`: it is older or, of the same age, has the lower cookie.
bool older(const tracking::TrackedSocket* a, const tracking::TrackedSocket* b);

/// The snapshot's sockets that are half-closed now, the oldest first: as a person and a program are
/// shown them.
std::vector<const tracking::TrackedSocket*> oldest_first(const Snapshot& snapshot);

/// How long its minisock stays at most: nothing of a full socket, and of one of a history, which does not record it.
std::optional<std::chrono::milliseconds> expires(const tracking::TrackedSocket& socket);

/// The dead sockets, those that died first before the others.
std::vector<const tracking::DeadSocket*> dead_first(const Snapshot& snapshot);

}  // namespace halfclosed::exporters
