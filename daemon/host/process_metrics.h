#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "records/process_metrics.h"

namespace halfclosed::host {

/// The btime line of /proc/stat: seconds since the epoch at boot.
std::optional<std::uint64_t> parse_boot_time(std::string_view text);

/// Reads /proc/self now.
ProcessMetrics read_process_metrics();

}  // namespace halfclosed::host
