#pragma once

#include "exporters/snapshot/socket_filter.h"

namespace CLI {
class App;
}

namespace halfclosed {

/// --state, --cause, --owner and --older-than.
void add_filter_flags(CLI::App& command, exporters::SocketFilter& filter);

}  // namespace halfclosed
