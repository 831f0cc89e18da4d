#pragma once

#include <string_view>

namespace halfclosed::host {

/// Whether a kernel of this release, as uname(2) tells it ("5.10.0-32-amd64"), is of this version or a later one. What is no
/// release is of the latest.
bool is_at_least(std::string_view release, unsigned version, unsigned patch_level);

/// Whether this kernel counts a minisock in TW or TWKilled when it is made, as kernels from 5.18 on do
/// (net/ipv4/inet_timewait_sock.c:__inet_twsk_schedule). Earlier ones count those whose time was up, at their end.
bool counts_new_minisocks();

}  // namespace halfclosed::host
