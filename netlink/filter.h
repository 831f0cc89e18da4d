#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "records/port_range.h"

namespace halfclosed::netlink {

/// Compiles "the local or the remote port lies in one of these ranges" for the kernel's filter
/// machine (net/ipv4/inet_diag.c:inet_diag_bc_run). No ranges: no filter, an empty program. Ranges
/// may overlap; those that touch become one. Throws std::length_error beyond what one attribute
/// holds: 2,700 single ports, 1,600 ranges.
std::vector<std::byte> compile(std::span<const PortRange> ports);

}  // namespace halfclosed::netlink
