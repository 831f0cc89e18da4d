#pragma once

#include <string>

#include "records/instant.h"

namespace halfclosed::text {

/// A time that a person gives, none later than `now`:
///   2026-11-27T03:12:00Z, 2026-11-27T03:12:00+01:00   RFC 3339
///   2026-11-27 03:12, 2026-11-27T03:12:05             in local time
///   03:12, 03:12:05      in local time, the last time that it was so late
///   15m, 1h30m           so long ago
///   now
/// Throws std::invalid_argument with the value and what is expected.
WallTime parse_moment(const std::string& text, WallTime now);

}  // namespace halfclosed::text
