#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tracking/tracked_socket.h"

namespace halfclosed::history {

/// The file in which daemons before the history kept the ages of sockets, DIRECTORY/sockets:
///
///     halfclosed-state 1
///     boot 1e2d3c4b-5a69-4788-9716-253443526170/monotonic
///     sockets 2
///     2001 8 0 4711000000000         cookie in hexadecimal, state, dated, since
///     2003 5 1 4712000000000         ascending by cookie
///     crc32 7f1e2d3c                 of all lines before, as zlib counts it
struct StateFile {
    std::string clock;  ///< as read_clock_id()
    std::vector<tracking::KnownAge> ages;

    bool operator==(const StateFile&) const = default;
};

/// Throws posix::Error, in the name of `file`, on any other text.
StateFile parse_state_file(std::string_view text, const std::string& file);

struct OldAges {
    std::vector<tracking::KnownAge> ages;  ///< of this clock, none dated later than `now`
    std::optional<std::string> complaint;  ///< one line, about a file that is not used
};

/// Reads the file of `directory` for the last time: it is deleted, or renamed to sockets.bad if it is damaged.
OldAges take_state_file(const std::string& directory, const std::string& clock, Instant now);

}  // namespace halfclosed::history
