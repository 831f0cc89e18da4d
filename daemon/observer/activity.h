#pragma once

#include <cstddef>
#include <optional>

#include "host/netstat.h"
#include "records/sockstat.h"

namespace halfclosed {

/// What two small files say about the TCP sockets of a network namespace: about 60 µs, where a dump walks the one hash
/// table of all namespaces.
struct Activity {
    Sockstat sockstat;
    host::SegmentCounts segments;

    /// Whether it has no TCP socket but unconnected ones.
    bool has_sockets() const;

    bool operator==(const Activity&) const = default;
};

/// Of the calling thread's namespace. Throws posix::Error.
Activity read_activity();

/// Whether a closing look has to walk the table to miss nothing. No socket becomes half-closed unless a FIN goes out or
/// comes in, and each segment is counted in OutSegs or InSegs; a FIN that waits behind data in a closed window is probed
/// for (net/ipv4/tcp_output.c:tcp_send_probe0). What is followed can change without one, and is asked for by name: a timer
/// ends it, a process accepts or reads it. `before` was read ahead of the last complete look; nothing if there was none.
bool needs_walk(const std::optional<Activity>& before, const Activity& now, std::size_t followed);

/// Whether a census would count what it counted after `before` was read, but for who waits in accept queues: accept()
/// sends no segment.
bool same_census(const std::optional<Activity>& before, const Activity& now);

}  // namespace halfclosed
