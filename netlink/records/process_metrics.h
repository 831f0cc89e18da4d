#pragma once

#include <optional>

namespace halfclosed {

/// What a Prometheus program says of itself. Each is absent if /proc does not tell.
struct ProcessMetrics {
    std::optional<double> cpu_seconds;
    std::optional<double> resident_bytes;
    std::optional<double> virtual_bytes;
    std::optional<double> open_fds;
    std::optional<double> max_fds;
    std::optional<double> start_time_seconds;  ///< since the epoch

    bool operator==(const ProcessMetrics&) const = default;
};

}  // namespace halfclosed
