#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "host/netstat.h"
#include "records/sockstat.h"

namespace halfclosed {

/// What two small files say about the TCP sockets of a network namespace: about 60 µs, where a dump walks the one hash
/// table of all namespaces.
struct Activity {
    Sockstat sockstat;
    host::SegmentCounts segments;
    std::uint64_t estab_resets = 0;  ///< as host::read_estab_resets() says

    /// Whether it has no TCP socket but unconnected ones.
    bool has_sockets() const;

    bool operator==(const Activity&) const = default;
};

/// Of the calling thread's namespace. Throws posix::Error.
Activity read_activity();

/// Whether a closing look has to walk the table to miss nothing. A socket becomes half-closed when a FIN comes in, which
/// InSegs counts, or when its own side is closed. That FIN goes out, which OutSegs counts, or it waits behind data in a
/// closed window for up to two minutes until the next probe (net/ipv4/tcp_output.c:tcp_send_probe0); then ESTABLISHED has
/// one less, which CurrEstab counts at once, and a new connection in its place brought segments. An abort sends a RST. What
/// is followed can change without one, and is asked for by name: a timer ends it, a process accepts or reads it. `before`
/// was read ahead of the last complete look; nothing if there was none.
bool needs_walk(const std::optional<Activity>& before, const Activity& now, std::size_t followed);

/// Whether no segment came or went since: then no connection was made meanwhile, of MPTCP neither, and none that is tracked
/// or translated.
bool without_traffic(const std::optional<Activity>& before, const Activity& now);

/// Whether a census would count what it counted after `before` was read, but for who waits in accept queues: accept()
/// sends no segment.
bool same_census(const std::optional<Activity>& before, const Activity& now);

}  // namespace halfclosed
