#pragma once

#include <string>
#include <vector>

#include "exporters/snapshot/listing.h"
#include "exporters/terminal/column_table.h"
#include "text/terminal.h"

namespace halfclosed::exporters {

/// A line a socket, for many of them: age, cause or state, both ends, queues, owner and first process. So that an owner
/// can be read in so many columns the queues give way, then the local address but for its port, then the end of the
/// remote one.
ColumnTable socket_lines(const Snapshot& snapshot, const std::vector<ListedSocket>& sockets,
                         std::size_t width = text::kNoWidth);

/// A line a socket with all that is known of it, however wide.
ColumnTable wide_socket_lines(const Snapshot& snapshot, const std::vector<ListedSocket>& sockets);

}  // namespace halfclosed::exporters
