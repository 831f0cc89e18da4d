#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "exporters/snapshot/groups.h"
#include "exporters/snapshot/listing.h"
#include "exporters/snapshot/socket_filter.h"

namespace halfclosed::exporters {

/// What somebody asks of a snapshot: which sockets, in which order, how many, and put together by what.
struct SnapshotQuery {
    SocketFilter filter{};
    SocketOrder order = SocketOrder::age;
    std::optional<std::size_t> limit{};  ///< of sockets and of groups
    GroupBy by = GroupBy::owner_and_cause;

    bool operator==(const SnapshotQuery&) const = default;
};

/// The query of a URL, with the names of the flags of `snapshot`: state, cause, owner and older-than, the first three
/// each alone or several with commas; sort, limit and group-by. Throws std::invalid_argument that names the parameter
/// and the value.
SnapshotQuery snapshot_query_of(const std::map<std::string, std::string>& query);

/// From 1 on. Throws std::invalid_argument with the value and what is expected.
std::size_t parse_limit(const std::string& text);

}  // namespace halfclosed::exporters
