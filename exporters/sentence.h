#pragma once

#include <string>

#include "exporters/report.h"

namespace halfclosed::exporters {

/// Why a half-closed socket is where it is, in words for a person who was woken up: "peer closed
/// 4m12s ago: read end-of-file, has not called close()".
std::string why(const tracking::TrackedSocket& socket, tracking::Instant now);

/// "held by nginx.service, pid 812 (nginx)"; empty where nothing is known. Safe to print.
std::string held_by(const Owner* owner);

}  // namespace halfclosed::exporters
