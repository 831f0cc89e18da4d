#pragma once

#include <cstdint>
#include <vector>

#include "netlink/session.h"
#include "scenarios/packetdrill/seen.h"
#include "tracking/tracker.h"

namespace halfclosed::scenarios {

/// Reads what the daemon would: dumps of the namespace, through the tracker.
class SocketReader {
 public:
    /// `port` is the service's. Throws netlink::Error.
    explicit SocketReader(std::uint16_t port);

    /// How the connection between these ports is now. Throws netlink::Error.
    packetdrill::Seen read(std::uint16_t local_port, std::uint16_t remote_port);

    /// The edges that the tracker has told since this was last asked for.
    std::vector<tracking::Edge> take_edges() { return std::exchange(edges_, {}); }

    /// How many sockets the last dump had in this state.
    std::uint64_t count(TcpState state) const;

 private:
    void take(const tracking::Changes& changes);

    netlink::Session session_;
    tracking::Tracker tracker_;
    std::vector<SocketRecord> sockets_;
    std::vector<tracking::Edge> edges_;
    std::uint64_t estab_resets_ = 0;
};

}  // namespace halfclosed::scenarios
