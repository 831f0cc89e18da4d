#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "tracking/tracker.h"

namespace halfclosed::tracking {

/// How the other ends, where they are sockets of this host too, saw their connections end. A reset
/// and a FIN leave the same nothing at this end; at the other one the first kills the FIN-WAIT-2
/// minisock and the second makes a TIME-WAIT of it.
class PeerEvidence {
 public:
    /// The owner of `record` saw the connection end like that, at `when`.
    void add(const SocketRecord& record, CloseWaitEnd saw, Instant when);

    /// What the other end of `socket` saw; nothing when that was before the socket was last seen
    /// alive: then it was the other end of an earlier connection between the same addresses and
    /// ports.
    std::optional<CloseWaitEnd> opposite(const TrackedSocket& socket) const;

 private:
    struct Observation {
        CloseWaitEnd saw = CloseWaitEnd::closed;
        Instant when;
    };
    using Half = std::pair<std::array<std::uint8_t, 16>, std::uint16_t>;
    using Key = std::pair<Half, Half>;

    static Half half(const Endpoint& end);
    static Key key(const Endpoint& local, const Endpoint& remote);

    std::map<Key, Observation> seen_;
};

}  // namespace halfclosed::tracking
