#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// A socket of port 9999 on this machine.
struct SampleSocket {
    Cookie cookie{1};
    TcpState state = TcpState::close_wait;
    tracking::Custody custody = tracking::Custody::process;
    std::optional<tracking::Cause> cause = std::nullopt;
    tracking::Side side = tracking::Side::server;
    std::chrono::nanoseconds age{0};
    tracking::Age::Kind dated = tracking::Age::Kind::observed;
    std::size_t label = 0;
};

/// The moment of every sample snapshot, on the monotonic clock and on the wall.
inline constexpr Instant kNow{std::chrono::hours(1)};
inline constexpr WallTime kWallTime{std::chrono::seconds(1'770'000'000)};

/// Adds the socket to the sockets and to the counts of the closing poll.
tracking::TrackedSocket& add_socket(Snapshot& snapshot, const SampleSocket& sample);

/// Endpoint of an address as inet_pton(3) reads it.
Endpoint endpoint(const std::string& address, std::uint16_t port);

/// Ports 9999 and 8000-8999, all collectors well, no socket.
Snapshot quiet_report();

/// The same on a bad day: leaks with and without owners, every custody, a scenario that failed, a failed dump.
Snapshot busy_report();

/// 2,000 sockets: 1,800 leaks of shop.service at one every two seconds, a hundred of a container, a hundred in
/// FIN-WAIT-2. The process of shop.service has 248 descriptors left.
Snapshot crowded_report();

}  // namespace halfclosed::exporters
