#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <tuple>
#include <unordered_set>

#include "records/socket_record.h"

namespace halfclosed::netlink {

/// Tells which TCP sockets carry MPTCP connections. A dump of TCP does not say it: INET_DIAG_ULP_INFO comes only with
/// INET_DIAG_INFO, which makes a dump three times as long.
class MptcpSubflows {
 public:
    /// `connection`: a record of a dump of IPPROTO_MPTCP.
    void add_connection(const SocketRecord& connection);

    /// While the application holds the connection, its subflows bear its inode
    /// (net/mptcp/subflow.c:mptcp_subflow_create_socket, net/mptcp/protocol.c:mptcp_sock_graft); afterwards the first of
    /// them still has its addresses.
    bool contains(const SocketRecord& socket) const;

 private:
    using Tuple = std::tuple<Family, std::array<std::uint8_t, 16>, std::uint16_t,
                             std::array<std::uint8_t, 16>, std::uint16_t>;
    static Tuple tuple(const SocketRecord& record);

    std::unordered_set<std::uint32_t> inodes_;
    std::set<Tuple> tuples_;
};

}  // namespace halfclosed::netlink
