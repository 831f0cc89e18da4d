#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The page for people: what is watched, how the sockets stand, whether the counts agree with the
/// kernel's, how the collectors are, and where the rest is. One HTML document with the style sheet in it;
/// with /live.js it lives. What is not known, or not fresh at `now`, is "–".
std::string landing_page(const Snapshot& snapshot, Instant now);

/// The same of one moment, for a document that stands by itself: what stands between its head and its end.
std::string still_page(const Snapshot& snapshot);

}  // namespace halfclosed::exporters
