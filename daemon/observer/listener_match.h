#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "host/socket_holders.h"
#include "records/socket_record.h"

namespace halfclosed {

/// Finds the listening socket in whose accept queue a connection waits: the one of the same namespace, family and port, with the
/// connection's own local address before one for any address, as the kernel decides (net/ipv4/inet_hashtables.c:
/// compute_score()). A connection inherits its listener's family, and cgroup, which tells listeners that share a port
/// (SO_REUSEPORT) apart where they are of different services; where they are not, it may be any of them.
class ListenerMatch {
 public:
    explicit ListenerMatch(const std::vector<SocketRecord>& listeners);

    /// The inodes of the listeners that it can be; none if no listener is known.
    std::vector<host::SocketInode> inodes_of(const SocketRecord& connection) const;

 private:
    std::unordered_map<std::uint16_t, std::vector<SocketRecord>> by_port_;
};

}  // namespace halfclosed
