#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The page for people: what is watched, how the sockets stand, whether the counts agree with the
/// kernel's, how the collectors are, and where the rest is. One HTML document that needs only
/// /style.css, no script. What is not known, or not fresh at `now`, is "–".
std::string landing_page(const Snapshot& snapshot, Instant now);

}  // namespace halfclosed::exporters
