#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "records/port_range.h"
#include "records/socket_record.h"

namespace halfclosed::netlink {

/// What to dump. No ports: every port. TCP sockets, or MPTCP connections.
struct Query {
    StateSet states = kAllStates;
    std::vector<PortRange> ports;
    Protocol protocol = Protocol::tcp;
};

/// How to ask for both families. MPTCP is asked for by family only.
enum class Walk {
    both_at_once,  ///< TCPDIAG_GETSOCK: one walk of the hash table for IPv4 and IPv6 together
    one_family,    ///< SOCK_DIAG_BY_FAMILY: a walk for each
};

/// One datagram each, ready to send.
std::vector<std::byte> dump_request(const Query& query, Walk walk, Family family,
                                    std::uint32_t sequence);
std::vector<std::byte> get_request(const SocketIdentity& socket, bool with_tcp_info,
                                   std::uint32_t sequence);

/// As get_request(), behind the requests that the datagram has already.
void append_get_request(std::vector<std::byte>& datagram, const SocketIdentity& socket,
                        bool with_tcp_info, std::uint32_t sequence);

}  // namespace halfclosed::netlink
