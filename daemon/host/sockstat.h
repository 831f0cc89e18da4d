#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/network_directory.h"
#include "posix/error.h"

namespace halfclosed::host {

/// The kernel's own counts of sockets (net/ipv4/proc.c:sockstat_seq_show, net/ipv6/proc.c). `here`
/// is one network namespace, `everywhere` the whole system.
struct Sockstat {
    std::uint64_t sockets_used = 0;  ///< here: sockets of all families that user space made
    std::uint64_t inuse = 0;         ///< here: hashed full IPv4 sockets, orphans included
    std::optional<std::uint64_t>
        inuse6;                   ///< here: the same for IPv6; nothing on a kernel without it
    std::uint64_t orphan = 0;     ///< everywhere, both families
    std::uint64_t tw = 0;         ///< here, both families: minisocks, FIN-WAIT-2 and TIME-WAIT
    std::uint64_t alloc = 0;      ///< everywhere, both families: TCP sockets in any state
    std::uint64_t mem_pages = 0;  ///< everywhere, both families

    bool operator==(const Sockstat&) const = default;
};

/// The text of sockstat; `inuse6` stays empty. Lines and fields that are not known are skipped.
/// Throws Error, in the name of `file`, where one of ours is missing or is not a number.
Sockstat parse_sockstat(std::string_view text, const std::string& file = "sockstat");

/// TCP6 inuse from the text of sockstat6. Throws as above.
std::uint64_t parse_sockstat6(std::string_view text, const std::string& file = "sockstat6");

/// Reads both files of a network namespace, by default the calling thread's. Throws Error.
Sockstat read_sockstat(const std::string& directory = kNetworkDirectory);

}  // namespace halfclosed::host
