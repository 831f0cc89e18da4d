#pragma once

#include <chrono>
#include <string>

#include "records/instant.h"

namespace halfclosed::text {

/// RFC 3339 in UTC with milliseconds: "2026-01-31T03:04:05.678Z".
std::string rfc3339(WallTime time);

/// Local time of day with milliseconds: "03:04:05.678".
std::string local_time_of_day(WallTime time);

/// Two units at most: "1.5ms", "340ms", "4.2s", "42s", "4m12s", "3h04m", "2d03h". Negative durations are "0ms".
std::string duration_text(std::chrono::nanoseconds duration);

/// With three decimals at most and nine characters at most: "16 us", "41.3 ms", "2.004 s", "3600 s", "100 h".
std::string precise_duration_text(std::chrono::nanoseconds duration);

/// As a number, for JSON and metrics.
double seconds(std::chrono::nanoseconds duration);

/// "500ms", "2s", "1.5s", "5m", "1h", and several, the larger unit first: "1h30m". At most 2^63 - 1 ns, some 292 years.
/// Throws std::invalid_argument with the value and what is expected.
std::chrono::nanoseconds parse_duration(const std::string& text);

}  // namespace halfclosed::text
