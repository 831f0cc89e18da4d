#pragma once

#include <chrono>
#include <string>

#include "exporters/report.h"

namespace halfclosed::exporters {

/// RFC 3339 in UTC with milliseconds: "2026-01-31T03:04:05.678Z".
std::string rfc3339(WallTime time);

/// The time of day where we are, with milliseconds: "03:04:05.678".
std::string local_time_of_day(WallTime time);

/// Two units at most: "1.5ms", "340ms", "4.2s", "42s", "4m12s", "3h04m", "2d03h". Negative durations are
/// "0ms".
std::string duration_text(std::chrono::nanoseconds duration);

/// For a table: "4m12s", "~ 4m12s" where it is estimated, "≥ 4m12s" where it is a lower bound.
std::string age_text(const tracking::Age& age);

/// For a sentence: "4m12s ago", "about 4m12s ago", "at least 4m12s ago", "some time ago" where the
/// bound is under a second.
std::string ago_text(const tracking::Age& age);

}  // namespace halfclosed::exporters
