#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

// Parts of the page that live.js takes over.

/// Who has half-closed sockets, sorted by the harm: the script adds what takes two moments to tell, and opens an owner.
/// Not known: no rows.
std::string owners_section(const Snapshot& snapshot, bool known);

/// What was, hidden until the script has read it.
std::string history_section();

}  // namespace halfclosed::exporters
