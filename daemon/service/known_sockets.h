#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "posix/error.h"

namespace halfclosed::host {

/// What outlives the daemon of a socket that it watched, in plain numbers.
struct KnownSocket {
    std::uint64_t cookie = 0;   ///< names the socket for as long as this boot lasts
    std::uint8_t state = 0;     ///< the kernel's number of the TCP state
    std::uint8_t dated = 0;     ///< how well `since` is known, as the caller numbers it
    std::int64_t since_ns = 0;  ///< when it came into the state: monotonic clock, never negative

    bool operator==(const KnownSocket&) const = default;
};

/// The sockets of one boot.
struct KnownSockets {
    std::string boot_id;               ///< without blanks
    std::vector<KnownSocket> sockets;  ///< by cookie

    bool operator==(const KnownSockets&) const = default;
};

/// At most so many are written down: those that are the longest in their state.
inline constexpr std::size_t kMostKnownSockets = 65'536;

/// No text of serialise() is longer.
inline constexpr std::size_t kLargestKnownSockets = 4 * 1024 * 1024;

/// The text of a state file, version 1:
///
///     halfclosed-state 1
///     boot 1e2d3c4b-5a69-4788-9716-253443526170
///     sockets 2
///     2001 8 0 4711000000000         cookie in hexadecimal, state, dated, since
///     2003 5 1 4712000000000         ascending by cookie
///     crc32 7f1e2d3c                 of all lines before, as zlib counts it
///
/// Sockets are put in order; of two with one cookie the first stays.
std::string serialise(KnownSockets known);

/// The exact reverse. Throws Error, in the name of `file`, on any text that serialise() does not
/// make: cut, changed by as little as a bit, of another version or another program.
KnownSockets parse_known_sockets(std::string_view text, const std::string& file = "state file");

}  // namespace halfclosed::host
