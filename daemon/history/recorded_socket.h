#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "records/instant.h"
#include "records/owner.h"
#include "records/socket_record.h"
#include "tracking/tracked_socket.h"
#include "tracking/transition.h"

namespace halfclosed::history {

/// A moment on both clocks: how much time lies between two of one boot is told by the monotonic one, which nobody steps;
/// what a person calls it, by the wall clock as it stood then.
struct Moment {
    Instant instant;
    WallTime time;

    bool operator==(const Moment&) const = default;
};

/// The same moment, so much before `now`.
inline Moment before(const Moment& now, Instant instant) {
    return {instant,
            now.time - std::chrono::duration_cast<WallTime::duration>(now.instant - instant)};
}

// As the file has them.
inline std::int64_t nanoseconds(Instant instant) {
    return instant.time_since_epoch().count();
}
inline std::int64_t milliseconds(WallTime time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
// And back. The numbers of a damaged file may be any: times are held to within a lifetime, some 70 years of an instant and
// the years 1933 to 2116 of the wall clock, so that no sum of an instant and a difference of two overflows.
inline WallTime wall_time(std::int64_t milliseconds) {
    constexpr std::int64_t kNanoseconds = 1'000'000;
    return WallTime{
        std::chrono::milliseconds{std::clamp(milliseconds, -(std::int64_t{1} << 60) / kNanoseconds,
                                             (std::int64_t{1} << 62) / kNanoseconds)}};
}
inline Moment moment(std::int64_t milliseconds, std::int64_t nanoseconds) {
    constexpr std::int64_t kMost = std::int64_t{1} << 61;
    return {Instant{Duration{std::clamp(nanoseconds, -kMost, kMost)}}, wall_time(milliseconds)};
}

/// How long a socket was in one state, held by one and the same, for one and the same cause: until the next span of the
/// socket begins, or until its end.
struct StateSpan {
    TcpState state{};
    tracking::Custody custody = tracking::Custody::process;
    std::optional<tracking::Cause> cause;
    tracking::Age::Kind dated = tracking::Age::Kind::observed;  ///< how well `began` is known
    Moment began;
    /// How it is known that the socket came into the state from the one before; nothing of the first one, and where only
    /// custody or cause are others.
    std::optional<tracking::Evidence> evidence{};

    bool operator==(const StateSpan&) const = default;
};

/// Whose a socket is, as far as it is recorded: of several processes the first.
struct RecordedOwner {
    std::string name = kUnknownOwner;
    std::optional<std::string> unit;
    std::optional<std::string> cgroup;
    std::int32_t pid = 0;  ///< 0: not known
    std::string comm;

    auto operator<=>(const RecordedOwner&) const = default;
};

/// What is kept of a half-closed socket.
struct RecordedSocket {
    /// A socket that changes more often keeps the first and the last of its spans.
    static constexpr std::size_t kMostSpans = 24;

    SocketRecord record;  ///< of its last look; queues and timer are of that moment
    std::uint16_t port = 0;
    tracking::Side side = tracking::Side::server;
    std::shared_ptr<const RecordedOwner> owner;  ///< shared by all of one process; never null
    std::int32_t descriptor = -1;                ///< of that process; -1: not known
    std::vector<StateSpan> spans;  ///< the first is the one in which it was first seen
    std::uint32_t spans_left_out = 0;
    std::optional<Moment> leaked;  ///< since when it counts as a leak
    std::optional<Moment>
        ended;        ///< when it was closed for good; a minisock in TIME-WAIT has ended
    std::string how;  ///< it ended: as StateEnd's name, "closed", "time_wait" or "not_observed"

    /// In CLOSE, with a descriptor that is still open.
    bool dead() const { return !ended && !spans.empty() && spans.back().state == TcpState::close; }

    void add(const StateSpan& span);

    /// Since when it is in its last state, whatever its causes were.
    tracking::KnownAge age() const;
};

}  // namespace halfclosed::history
