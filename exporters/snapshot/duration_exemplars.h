#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "records/instant.h"
#include "tracking/event_counters.h"

namespace halfclosed::exporters {

struct Snapshot;

/// One socket that a bucket of a histogram counts: the way from a number to what is behind it.
struct Exemplar {
    Cookie cookie{};
    std::string owner;  ///< text from outside
    double seconds = 0;
    WallTime time;

    bool operator==(const Exemplar&) const = default;
};

/// By port label, side and state as in EventCounters::durations, and bucket: the latest of each.
struct DurationExemplars {
    static constexpr std::size_t kBuckets = tracking::DurationHistogram::kBounds.size() + 1;
    using Buckets = std::array<std::optional<Exemplar>, kBuckets>;

    std::map<std::tuple<std::string, tracking::Side, TcpState>, Buckets> latest;

    /// `before` is the snapshot of before the changes: it knows the owners of the sockets that ended.
    void note(const tracking::Changes& changes, WallTime time, const Snapshot& before);

    bool operator==(const DurationExemplars&) const = default;
};

}  // namespace halfclosed::exporters
