#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "exporters/snapshot/socket_filter.h"

namespace halfclosed::exporters {

/// What sockets are put together by.
enum class GroupBy { owner_and_cause, owner, cause, peer, port };

/// "owner", "cause", "peer" or "port". Throws std::invalid_argument with the value and what is expected.
GroupBy parse_group_by(const std::string& text);

/// Half-closed and dead sockets that have something in common.
struct Group {
    /// As many as group_keys() has: "shop.service", "not_closed". The cause of a socket that is not in CLOSE-WAIT is its
    /// state, or "dead". Text from outside.
    std::vector<std::string> key;
    std::uint64_t sockets = 0;
    std::uint64_t leaked = 0;  ///< of them, the dead ones included
    tracking::Age oldest;
    std::optional<double> growth_per_hour;  ///< of the leaked ones
    /// Of an owner; where an owner has several groups, of its first alone.
    std::optional<DescriptorUse> descriptors;
    std::optional<std::chrono::seconds> time_left;

    bool operator==(const Group&) const = default;
};

/// "owner", "cause": the names of what a group's key has.
std::vector<std::string> group_keys(GroupBy by);

/// The worst first: those with leaks before the others, owners in the order of owner_leaks(), else those with the most
/// leaks, and then those with the most sockets.
std::vector<Group> groups_of(const Snapshot& snapshot, GroupBy by, const SocketFilter& filter = {});

}  // namespace halfclosed::exporters
