#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "posix/error.h"
#include "records/tcp_sysctls.h"

namespace halfclosed::host {

/// The one number of a sysctl file, 0 to 2^31 - 1. Throws Error, in the name of `file`, on anything
/// else.
std::uint64_t parse_sysctl(std::string_view text, const std::string& file);

/// Reads the three files. Throws Error when one is there and cannot be read, NotVisible when /proc does not show them: what
/// may not be seen is not "is not there".
TcpSysctls read_tcp_sysctls(const std::string& directory = "/proc/sys/net/ipv4");

/// tcp_fin_timeout alone; nothing if /proc does not show it. Throws Error when it is there and cannot be read.
std::optional<std::chrono::seconds> read_fin_timeout(
    const std::string& directory = "/proc/sys/net/ipv4");

/// Connections that nf_conntrack remembers in the calling thread's network namespace (nf_conntrack_count, which everybody
/// may read); 0 if the kernel has no such module loaded, or /proc does not show it. Throws nothing.
std::uint64_t tracked_connections(const std::string& directory = "/proc/sys/net/netfilter");

}  // namespace halfclosed::host
