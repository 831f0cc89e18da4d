#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"
#include "exporters/snapshot/snapshot_query.h"

namespace halfclosed::exporters {

/// The schema `halfclosed.snapshot/1`: one JSON object on one line, with a newline at its end.
///   time        RFC 3339, UTC
///   sockets     half-closed sockets, the oldest first; null if the kernel gave no answer
///   cookie      hexadecimal, as ss prints it after "sk:"
///   *_seconds   ages against Snapshot::instant; expires_seconds is the time that is left of
///   FIN-WAIT-2's minisock
///   uid         null for a minisock that was never seen as a full socket
///   inode       null if there is none: then, and of a socket that nobody has a descriptor of
///   waits_for   the owner that has not closed and keeps the socket where it is, through all proxies of this host; null if
///   that is the socket's own, or not known
///   without_detail   how many more there are beyond --max-sockets
///   groups      the same sockets put together, the worst first, with the key that was asked for
///   seconds_left   until an owner's descriptors are used up
/// Sockets that the query does not ask for are left out. What is not known is null. Text that is not UTF-8 has U+FFFD in
/// place of what is wrong.
std::string snapshot_json(const Snapshot& snapshot, const SnapshotQuery& query = {});

}  // namespace halfclosed::exporters
