#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// In CLOSE-WAIT longer than Snapshot::leak_after without sending, by the lower bound of its age.
bool is_leaked(const tracking::TrackedSocket& socket, const Snapshot& snapshot);

/// Leaked sockets of one port label, side, cause and owner.
struct LeakCount {
    std::size_t label = 0;
    tracking::Side side = tracking::Side::server;
    tracking::Cause cause = tracking::Cause::not_closed;
    std::string owner;
    std::uint64_t sockets = 0;

    bool operator==(const LeakCount&) const = default;
};

/// Every leak of the snapshot's sockets, and a count of 0 for "unknown" where a port, side and cause
/// that can occur together have none, and for the snapshot's recent leaks that are mended. The owners that leak most keep
/// their names; ties go by the alphabet, and those that have mended theirs come last.
std::vector<LeakCount> leak_counts(const Snapshot& snapshot);

/// Dead sockets of one port label, side and owner.
struct DeadCount {
    std::size_t label = 0;
    tracking::Side side = tracking::Side::server;
    std::string owner;
    std::uint64_t sockets = 0;

    bool operator==(const DeadCount&) const = default;
};

/// Every dead socket of the snapshot, and a count of 0 for "unknown" of each port and side that has none. Owners are
/// named as in leak_counts().
std::vector<DeadCount> dead_counts(const Snapshot& snapshot);

/// Remembers whose leaks there were: a series that ended with its leak would leave no fall to see, and would begin anew
/// as if there had been none before. A machine without a clock.
class LeakMemory {
 public:
    static constexpr std::chrono::hours kKept{1};
    static constexpr std::size_t kMost = 1'000;  ///< series; beyond that the oldest are forgotten

    /// `snapshot` must be of a complete look.
    void observe(const Snapshot& snapshot);

    /// As Snapshot::recent_leaks wants them.
    std::vector<LeakKey> recent(Instant now) const;

 private:
    std::map<LeakKey, Instant> last_seen_;
};

}  // namespace halfclosed::exporters
