#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// Why a half-closed socket is where it is, in words for a person who was woken up: "peer closed
/// 4m12s ago: read end-of-file, has not called close()".
std::string why(const tracking::TrackedSocket& socket, Instant now);

/// The same of a dead socket: "the connection ended 4m12s ago, its descriptor is still open: has not called
/// close()".
std::string why(const tracking::DeadSocket& dead, Instant now);

/// "held by nginx.service, pid 812 (nginx)"; empty if nothing is known. Safe to print.
std::string held_by(const Owner* owner);

/// For a table: "4m12s", "~ 4m12s" if it is estimated, "≥ 4m12s" if it is a lower bound, "5s–4m12s" if it lies
/// between two.
std::string age_text(const tracking::Age& age);

/// For a sentence: "4m12s ago", "about 4m12s ago", "at least 4m12s ago", "between 5s and 4m12s ago", "some time ago" if
/// the only bound is under a second.
std::string ago_text(const tracking::Age& age);

}  // namespace halfclosed::exporters
