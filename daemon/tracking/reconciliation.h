#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "records/socket_record.h"

namespace halfclosed::tracking {

/// The counts that the kernel keeps itself, of /proc/net/sockstat and sockstat6 (net/ipv4/proc.c).
struct KernelCounts {
    std::uint64_t inuse = 0;   ///< hashed full IPv4 sockets of this namespace
    std::uint64_t inuse6 = 0;  ///< the same for IPv6, v4-mapped ones included
    std::uint64_t orphan = 0;  ///< of the whole system, both families
    std::uint64_t tw = 0;  ///< minisocks of this namespace, FIN-WAIT-2 and TIME-WAIT, both families

    bool operator==(const KernelCounts&) const = default;
};

/// Counts every socket of a dump of all states and ports the way the kernel counts. Feed it no
/// duplicates.
class KernelStyleCounts {
 public:
    void add(const SocketRecord& record);
    const KernelCounts& counts() const { return counts_; }

 private:
    KernelCounts counts_;
};

/// One field of the comparison.
struct Reconciled {
    std::uint64_t counted = 0;
    std::uint64_t kernel = 0;  ///< the later of the two readings
    std::uint64_t elsewhere =
        0;               ///< orphans of other namespaces: the kernel's number is system-wide
    bool within = true;  ///< inside the bracket of the two readings
    bool agrees = true;  ///< false after three looks in a row outside the bracket

    bool operator==(const Reconciled&) const = default;
};

struct Reconciliation {
    Reconciled inuse;
    Reconciled inuse6;
    Reconciled orphan;
    Reconciled tw;

    bool operator==(const Reconciliation&) const = default;
};

/// Compares counts taken between two readings of sockstat with both: a mismatch is what lies
/// outside the bracket three times in a row, for sockets come and go while a dump is under way.
class Reconciler {
 public:
    static constexpr unsigned kStrikes = 3;

    Reconciliation judge(const KernelCounts& before, const KernelCounts& counted,
                         const KernelCounts& after);

 private:
    std::array<unsigned, 4> strikes_{};
};

}  // namespace halfclosed::tracking
