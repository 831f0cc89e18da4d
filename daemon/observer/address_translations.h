#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "netlink/conntrack.h"
#include "records/connection_ends.h"
#include "records/namespace_id.h"
#include "tracking/tracked_socket.h"

namespace halfclosed {

/// How the other ends of connections see them, where addresses are translated between two ends on this host: nf_conntrack
/// is asked for each socket once in its own namespace, which redirects, and once in the observer's, which routes. A
/// connection's translation never changes, and outlives what conntrack remembers. Where that may not be asked
/// (CAP_NET_ADMIN), or the kernel tracks nothing, nothing is known.
class AddressTranslations {
 public:
    /// What one call of ask() may do.
    struct Bounds {
        std::size_t most = 0;  ///< look-ups, about 10 µs each
        Duration
            older_than{};  ///< of sockets that have been in their states for less the next look asks
    };

    /// Asks in the calling thread's network namespace, which is `here`, and where tracked_here(). Throws nothing: what
    /// fails is not known.
    void ask(std::span<const tracking::TrackedSocket> sockets, NamespaceId here,
             const Bounds& bounds, Instant now);

    /// Whether there is anything to ask in the calling thread's network namespace.
    bool tracked_here() const;

    /// Forgets all others.
    void keep(std::span<const tracking::TrackedSocket> sockets);

    const std::map<Cookie, ConnectionEnds>& known() const { return known_; }

 private:
    std::map<Cookie, ConnectionEnds> known_;
    std::unordered_map<Cookie, std::vector<NamespaceId>> asked_;  ///< in which namespaces
    std::optional<netlink::Conntrack> conntrack_;
    bool allowed_ = true;
};

}  // namespace halfclosed
