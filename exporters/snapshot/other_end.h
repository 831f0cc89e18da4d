#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// Finds the other end of a connection among the half-closed sockets of the snapshot: in the same network namespace or,
/// over a veth pair or a bridge, in another one that is watched; where addresses are translated in between, by
/// Snapshot::translations. Where two namespaces have the same addresses it is not known. The snapshot must outlive it.
class OtherEnds {
 public:
    explicit OtherEnds(const Snapshot& snapshot);

    /// Null if it is not known.
    const tracking::TrackedSocket* of(const SocketRecord& socket) const;

    /// Who has not closed, and keeps `socket` where it is: whoever has the end in CLOSE-WAIT, its own or the other or,
    /// where that one has passed the end-of-file on and waits itself, the owner that it waits for, through all proxies of
    /// this host. Nothing if nobody is known to.
    struct Stuck {
        std::string owner;
        unsigned hops = 0;  ///< 0: whoever has that end
    };
    std::optional<Stuck> stuck(const tracking::TrackedSocket& socket) const;

 private:
    friend std::string waiting_sentence(const Snapshot& snapshot);

    /// A socket, and whose it is: looked up once, for there may be many thousands.
    struct End {
        std::uint64_t hash = 0;  ///< of its addresses
        const tracking::TrackedSocket* socket = nullptr;
        const Owner* owner = nullptr;  ///< null if it is not known
    };

    const End* end_of(const SocketRecord& socket) const;
    const End* find(const SocketRecord& socket, const ConnectionEnds& other) const;
    std::optional<std::string> waits_for(const std::vector<const End*>& passed_on) const;
    std::optional<Stuck> stuck(const End& end) const;
    void follow_chains();

    const Snapshot& snapshot_;
    std::vector<End> ends_;  ///< by hash
    /// By owner that waits itself: who is stuck at the end of its chain; nothing where they wait for each other. Found
    /// once: a chain of thousands of connections is asked about for each of them.
    std::map<std::string, std::optional<Stuck>> chains_;
};

/// "its other end: nginx.service, FIN-WAIT-2, expires in 41s"; of a chain of proxies "its other end: proxy.service,
/// CLOSE-WAIT, which waits for shop.service", and of the proxy's own end "waits for shop.service; its other end: …". Empty
/// if nothing is known. Safe to print.
std::string other_end_text(const tracking::TrackedSocket& socket, const OtherEnds& ends,
                           const Snapshot& snapshot);

/// Who keeps whose sockets waiting, without addresses: "client.service waits for shop.service (12 sockets)." The three with
/// the most sockets; empty if none is known. Safe to print.
std::string waiting_sentence(const Snapshot& snapshot);

}  // namespace halfclosed::exporters
