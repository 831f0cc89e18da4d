#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::exporters {

/// What Prometheus programs say of themselves. Each is absent where /proc does not tell.
struct ProcessMetrics {
    std::optional<double> cpu_seconds;
    std::optional<double> resident_bytes;
    std::optional<double> virtual_bytes;
    std::optional<double> open_fds;
    std::optional<double> max_fds;
    std::optional<double> start_time_seconds;  ///< since the epoch

    bool operator==(const ProcessMetrics&) const = default;
};

/// Of /proc/PID/stat, proc(5): CPU and start in clock ticks, memory in bytes and pages.
struct ProcessStat {
    std::uint64_t user_ticks = 0;
    std::uint64_t system_ticks = 0;
    std::uint64_t start_ticks = 0;  ///< after boot
    std::uint64_t virtual_bytes = 0;
    std::uint64_t resident_pages = 0;

    bool operator==(const ProcessStat&) const = default;
};

/// Nothing where the line is cut or not of this form. The name of a program may hold spaces and
/// parentheses: the fields begin after the last parenthesis.
std::optional<ProcessStat> parse_process_stat(std::string_view line);

/// The btime line of /proc/stat: seconds since the epoch at boot.
std::optional<std::uint64_t> parse_boot_time(std::string_view text);

/// Reads /proc/self now.
ProcessMetrics read_process_metrics();

}  // namespace halfclosed::exporters
