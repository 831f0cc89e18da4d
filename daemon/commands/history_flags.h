#pragma once

#include <string>

#include "cli/flags.h"
#include "records/instant.h"

namespace halfclosed {

/// Where the daemon keeps its history, if nobody says.
inline constexpr const char* kStateDirectory = "/var/lib/halfclosed";

/// --state-dir of a command that reads a history.
void add_state_directory(CLI::App& command, std::string& directory);

/// A time as text::parse_moment() takes it, against the present.
WallTime parse_past(const std::string& text);

}  // namespace halfclosed
