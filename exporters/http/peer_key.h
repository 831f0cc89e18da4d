#pragma once

#include <sys/socket.h>

#include <string>

namespace halfclosed::exporters {

/// What counts as one peer: an IPv4 address, or an IPv6 network, for whoever has an address in it has the 2^64 others.
/// Not for people to read.
std::string peer_name(const sockaddr* address);

}  // namespace halfclosed::exporters
