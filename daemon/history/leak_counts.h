#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "history/sqlite.h"
#include "records/instant.h"
#include "records/namespace_id.h"

namespace halfclosed::history {

/// How many leaked sockets each owner had, dead ones among them, at two moments of one boot.
struct LeakCounts {
    WallTime from;
    WallTime to;
    Duration between{};  ///< on the monotonic clock
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> owners;  ///< then and later

    bool operator==(const LeakCounts&) const = default;
};

/// Those of the `span` before `time`, or of as much of it as somebody has looked at, up to the last look before `time`.
/// `wanted` says which ports and namespaces count. Nothing if nobody looked then. Throws SqliteError.
std::optional<LeakCounts> leak_counts(
    const Connection& connection, WallTime time, std::chrono::nanoseconds span,
    const std::function<bool(std::uint16_t port, NamespaceId netns)>& wanted);

}  // namespace halfclosed::history
