#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "records/socket_record.h"

namespace halfclosed::netlink {

struct DecodedSocket {
    SocketRecord record;
    std::optional<TcpInfo>
        info;  ///< only where the request asked for it and the socket is a full one
};

/// One struct inet_diag_msg with its attributes, copied out with every length checked. Attributes
/// that are not known are skipped; a struct that is shorter than ours (an older kernel's tcp_info)
/// is filled up with zeros. Throws Error{malformed} on a length that does not fit.
///
/// The kernel gives the MPTCP connections that a listener makes the listener's own cookie, where that has one
/// (net/mptcp/protocol.c:mptcp_sk_clone_init copies the socket): the cookie of an MPTCP connection is made of its token,
/// which is its own, and differs from every cookie that the kernel gives.
DecodedSocket decode(std::span<const std::byte> payload, Protocol protocol = Protocol::tcp);

}  // namespace halfclosed::netlink
