#pragma once

#include <string>
#include <vector>

#include "exporters/snapshot/listing.h"
#include "text/terminal.h"

namespace halfclosed::exporters {

/// Each socket with state, both ends, custody, age, queues, and why it is there. No line is wider than `style.width` as
/// long as an address fits it: what does not fit beside the rest goes below it. Empty if there are no sockets.
std::string socket_table(const Snapshot& snapshot, const std::vector<ListedSocket>& sockets,
                         const text::TerminalStyle& style);

}  // namespace halfclosed::exporters
