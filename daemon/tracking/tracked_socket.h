#pragma once

#include <algorithm>
#include <optional>

#include "records/exact_counts.h"
#include "records/instant.h"
#include "records/socket_record.h"
#include "tracking/age.h"
#include "tracking/cause.h"
#include "tracking/custody.h"
#include "tracking/watched_ports.h"

namespace halfclosed::tracking {

/// A half-closed socket as it stands now.
struct TrackedSocket {
    /// As last seen. uid, inode and cgroup_id are those of the full socket, also if the minisock
    /// that is left of it no longer has them.
    SocketRecord record;
    PortMatch watched;
    Custody custody = Custody::process;
    std::optional<Cause> cause;
    Instant since;                          ///< when it came into its state, at the latest
    Age::Kind dated = Age::Kind::at_least;  ///< how well `since` is known
    /// Of one that is dated at_least: when it came into its state at the earliest, if that is known.
    std::optional<Instant> not_before;
    Instant last_seen;
    /// Of one in CLOSE-WAIT: when it last sent data that went out after the peer's FIN had come.
    std::optional<Instant> last_sent;
    /// Of one in CLOSE-WAIT: when its program was told that the peer has closed, if the kernel told that.
    std::optional<ExactSocket::EndRead> end_read;

    Age age(Instant now) const {
        const bool bound = dated == Age::Kind::at_least && not_before;
        return {now - since, dated, bound ? std::optional(now - *not_before) : std::nullopt};
    }

    /// How long it has been in its state without sending: what makes a leak of a CLOSE-WAIT socket.
    /// A lower bound if the age is one.
    Duration idle(Instant now) const { return now - std::max(since, last_sent.value_or(since)); }

    bool operator==(const TrackedSocket&) const = default;
};

/// Since when a socket is in its state, as a program that ended knew it.
struct KnownAge {
    Cookie cookie{};
    TcpState state{};
    Instant since;
    Age::Kind dated{};

    bool operator==(const KnownAge&) const = default;
};

/// Whether a tracker follows sockets in this state: from the first FIN to the end of TIME-WAIT.
constexpr bool is_followed(TcpState state) {
    return kHalfClosedStates.contains(state) || state == TcpState::time_wait;
}

/// What is left of a closed socket: struct inet_timewait_sock, in FIN-WAIT-2 or TIME-WAIT.
inline bool is_minisock(const SocketRecord& record) {
    return record.timer.kind == Timer::Kind::timewait;
}

/// A record of the same socket with what the conversion to a minisock has taken from it.
inline SocketRecord with_memory(SocketRecord record, const SocketRecord& before) {
    if (is_minisock(record)) {
        record.uid = before.uid;
        record.inode = before.inode;
        record.cgroup_id = before.cgroup_id;
    }
    return record;
}

/// When the pending timer is to fire, as far as the last look knew: a minisock's time is up then,
/// never earlier.
inline Instant deadline(const TrackedSocket& socket) {
    return socket.last_seen + socket.record.timer.expires;
}

}  // namespace halfclosed::tracking
