#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "posix/error.h"

namespace halfclosed::host {

/// The sysctls under net.ipv4 that end half-closed sockets, of the calling thread's network
/// namespace (net/ipv4/sysctl_net_ipv4.c). Each is absent where its file is.
struct TcpSysctls {
    std::optional<std::chrono::seconds> fin_timeout;  ///< tcp_fin_timeout, per namespace
    std::optional<std::uint64_t> max_orphans;     ///< system-wide; in the initial namespace only
    std::optional<std::uint64_t> max_tw_buckets;  ///< per namespace

    bool operator==(const TcpSysctls&) const = default;
};

/// The one number of a sysctl file, 0 to 2^31 - 1. Throws Error, in the name of `file`, on anything
/// else.
std::uint64_t parse_sysctl(std::string_view text, const std::string& file);

/// Reads the three files. Throws Error when one is there and cannot be read.
TcpSysctls read_tcp_sysctls(const std::string& directory = "/proc/sys/net/ipv4");

}  // namespace halfclosed::host
