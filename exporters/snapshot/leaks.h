#pragma once

#include <cstdint>
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

/// The most owners that have a name of their own on a page; the others are "other".
inline constexpr std::size_t kMaxLeakOwners = 20;

/// Every leak of the snapshot's sockets, and a count of 0 for "unknown" where a port, side and cause
/// that can occur together have none. The owners that leak most keep their names; ties go by the
/// alphabet.
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

}  // namespace halfclosed::exporters
