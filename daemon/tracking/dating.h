#pragma once

#include <chrono>
#include <optional>

#include "tracking/tracked_socket.h"

namespace halfclosed::tracking {

/// Looks that are further apart than this are too far apart to date what happened between them.
inline constexpr std::chrono::seconds kLongestPause{3};

/// Since when a socket is in its state.
struct Dating {
    Instant since;
    Age::Kind kind = Age::Kind::at_least;
    std::optional<Instant> not_before;

    bool operator==(const Dating&) const = default;
};

/// Of a socket that came into its state between two polls. A minisock's timer says when, as far as
/// its timeout is `fin_timeout`; what it says is taken only if it lies between the looks.
Dating dated_between(const SocketRecord& record, Instant before, Instant look,
                     std::chrono::milliseconds fin_timeout);

/// Of a socket that was there at the first look.
Dating dated_by_kernel(const SocketRecord& record, Instant look);

void set(TrackedSocket& socket, const Dating& dating);

/// Dates the socket by an age that the kernel gave; never later than it is dated already.
void date_back(TrackedSocket& socket, const Age& age, Instant now);

/// How long the socket was in its state until `end`; nothing if it was dated by a bound.
std::optional<Duration> time_held(const TrackedSocket& socket, Instant end);

}  // namespace halfclosed::tracking
