#pragma once

#include <cstdint>
#include <optional>

namespace halfclosed {

/// The kernel's own counts of sockets, of /proc/net/sockstat and sockstat6 (net/ipv4/proc.c:
/// sockstat_seq_show, net/ipv6/proc.c). `here` is one network namespace, `everywhere` the whole system.
struct Sockstat {
    std::uint64_t sockets_used = 0;       ///< here: sockets of all families that user space made
    std::uint64_t inuse = 0;              ///< here: hashed full IPv4 sockets, orphans included
    std::optional<std::uint64_t> inuse6;  ///< here: the same for IPv6, v4-mapped ones included;
                                          ///< nothing on a kernel without IPv6
    std::uint64_t orphan = 0;             ///< everywhere, both families
    std::uint64_t tw = 0;         ///< here, both families: minisocks, FIN-WAIT-2 and TIME-WAIT
    std::uint64_t alloc = 0;      ///< everywhere, both families: TCP sockets in any state
    std::uint64_t mem_pages = 0;  ///< everywhere, both families

    bool operator==(const Sockstat&) const = default;
};

}  // namespace halfclosed
