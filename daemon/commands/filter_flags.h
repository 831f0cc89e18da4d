#pragma once

#include <chrono>

#include "exporters/snapshot/socket_filter.h"

namespace CLI {
class App;
}

namespace halfclosed {

/// --state, --cause, --owner and --older-than.
void add_filter_flags(CLI::App& command, exporters::SocketFilter& filter);

/// --leak-after.
void add_leak_after(CLI::App& command, std::chrono::nanoseconds& leak_after);

}  // namespace halfclosed
