#pragma once

#include <cstdint>

namespace halfclosed {

/// The kernel's name of a network namespace, SO_NETNS_COOKIE: unique on the system and never reused, which the inode of
/// /proc/PID/ns/net is not (net/core/net_namespace.c:net_ns_net_init). Before Linux 5.14 that inode. 0: not known, as of
/// a recording.
enum class NamespaceId : std::uint64_t {};

}  // namespace halfclosed
