#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "records/connection_ends.h"

namespace halfclosed::netlink {

/// The two directions of a tracked connection, each with its sender first: the one that began it, and the one that answers.
struct TrackedDirections {
    ConnectionEnds original;
    ConnectionEnds reply;

    bool operator==(const TrackedDirections&) const = default;
};

/// Asks nf_conntrack for the TCP connection one of whose directions this is (IPCTNL_MSG_CT_GET,
/// net/netfilter/nf_conntrack_netlink.c:ctnetlink_get_conntrack). v4-mapped addresses are asked for as IPv4, which is what
/// their segments are.
std::vector<std::byte> conntrack_request(const ConnectionEnds& direction, std::uint32_t sequence);

/// The payload of the answer (struct nfgenmsg and attributes). Throws Error{malformed}.
TrackedDirections decode_conntrack(std::span<const std::byte> payload);

}  // namespace halfclosed::netlink
