#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The owners that it has at most; the others' sockets are in the states all the same.
inline constexpr std::size_t kMostLiveOwners = 50;

/// The schema `halfclosed.live/1`, what the page follows: one JSON object on one line. Its size does not grow with the
/// number of sockets, and what it costs the daemon hardly grows with the number of those who follow: `viewers`.
///   poll_seconds  when to ask again: live_pause()
///   blind    null, or why what is told is not the present, and since when
///   worst    the owner to look at first: text, a sentence, and runbook, the section on it; null without leaks
///   unaccounted  a sentence on sockets that are in no table; "" as a rule
///   states   by name: sockets, custody {who: sockets}, of them server and client, leaked, oldest_seconds,
///            expires_seconds (of the minisock of FIN-WAIT-2 that has the longest to go); null if the collector that
///            tells has failed
///   steps    each edge of the state machine that was gone since the start: from, to, total
///   ended    how FIN-WAIT-2 and CLOSE-WAIT ended since the start
///   dead     descriptors whose socket has ended; null while the closing poll has no answer
///   owners   those with half-closed or dead sockets, the worst first; null as `dead`
///   collectors, reconciliation   as in the snapshot; the second is null until a census was compared
std::string live_json(const Snapshot& snapshot, Instant now, std::size_t viewers = 0);

/// How long one of so many viewers shall wait before he asks again: 2 to 10 s.
std::chrono::nanoseconds live_pause(const Snapshot& snapshot, std::size_t viewers);

}  // namespace halfclosed::exporters
