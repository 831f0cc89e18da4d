#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"
#include "exporters/snapshot/summary.h"
#include "text/terminal.h"

namespace halfclosed::exporters {

/// The snapshot for a terminal: each half-closed socket with state, both ends, custody, age, queues
/// and why it is there, the oldest first; then a summary and what the kernel's own counts say. No
/// line is wider than `style.width` as long as an address fits it: what does not fit beside the
/// rest goes below it.
std::string snapshot_table(const Snapshot& snapshot, const text::TerminalStyle& style = {},
                           View view = View::once);

}  // namespace halfclosed::exporters
