#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace halfclosed {

/// The sysctls under net.ipv4 that end half-closed sockets, of one network namespace
/// (net/ipv4/sysctl_net_ipv4.c). Each is absent if its file is.
struct TcpSysctls {
    std::optional<std::chrono::seconds> fin_timeout;  ///< tcp_fin_timeout, per namespace
    std::optional<std::uint64_t> max_orphans;     ///< system-wide; in the initial namespace only
    std::optional<std::uint64_t> max_tw_buckets;  ///< per namespace

    bool operator==(const TcpSysctls&) const = default;
};

}  // namespace halfclosed
