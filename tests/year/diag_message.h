#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "connection.h"
#include "machine.h"

namespace year {

struct Listener {
    std::uint16_t port;
    bool ipv6;
    std::uint32_t inode;
    std::uint64_t cookie;
};

/// Of a service manager that no process of the generated ones is.
inline constexpr Listener kListeners[] = {{Machine::kServerPort, false, 501, 1ULL << 40U},
                                          {Machine::kServerPort, true, 502, (1ULL << 40U) + 1},
                                          {Machine::kUnwatchedPort, false, 503, (1ULL << 40U) + 2}};

/// Appends, and fills up to the alignment of netlink.
void put(std::string& bytes, const void* value, std::size_t size);

/// Appends a message with its header.
void put_message(std::string& datagram, std::uint16_t type, std::uint16_t flags,
                 std::uint32_t sequence, const std::string& payload);

/// What sock_diag tells of a socket: struct inet_diag_msg and its attributes, with those extensions.
std::string message(const Listener& listener);
std::string message(const Connection& connection, Time now, std::uint32_t extensions);

}  // namespace year
