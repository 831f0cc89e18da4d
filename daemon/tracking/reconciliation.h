#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "records/socket_record.h"
#include "records/sockstat.h"

namespace halfclosed::tracking {

/// The counts that the kernel keeps itself and that a dump can be held against: those of Sockstat with the same name.
enum class Count : std::uint8_t { inuse, inuse6, orphan, tw };

inline constexpr std::array kCounts{Count::inuse, Count::inuse6, Count::orphan, Count::tw};

/// The name in metrics and JSON, as in /proc/net/sockstat.
const char* name(Count count);

/// A value for each Count, in the order of kCounts.
template <typename Value>
struct PerCount {
    std::array<Value, kCounts.size()> values{};

    Value& operator[](Count count) { return values[static_cast<std::size_t>(count)]; }
    const Value& operator[](Count count) const { return values[static_cast<std::size_t>(count)]; }
    bool operator==(const PerCount&) const = default;
};

using KernelCounts = PerCount<std::uint64_t>;

/// A kernel without IPv6 has no inuse6: 0.
KernelCounts kernel_counts(const Sockstat& sockstat);

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
    bool within = true;  ///< inside the bracket of the two readings and what came between them
    bool agrees = true;  ///< false after three looks in a row outside the bracket

    bool operator==(const Reconciled&) const = default;
};

using Reconciliation = PerCount<Reconciled>;

/// What came into being between two readings, of both families, by the kernel's own counters (/proc/net/snmp and
/// netstat of the namespace).
struct Churn {
    std::uint64_t opened = 0;     ///< connections: ActiveOpens and PassiveOpens
    std::uint64_t minisocks = 0;  ///< TW and TWKilled: counted when one is made

    bool operator==(const Churn&) const = default;
};

/// Compares counts taken between two readings of sockstat with both. A dump takes its time, and sockets come and go
/// meanwhile: it can show at most those of the first reading and all that came since, and at least those of the second
/// but what came since. A mismatch is what lies outside of that three times in a row. At rest, where nothing comes, the
/// two readings alone are the bracket.
class Reconciler {
 public:
    static constexpr unsigned kStrikes = 3;

    Reconciliation judge(const KernelCounts& before, const KernelCounts& counted,
                         const KernelCounts& after, const Churn& churn = {});

 private:
    PerCount<unsigned> strikes_;
};

}  // namespace halfclosed::tracking
