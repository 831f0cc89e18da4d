#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "records/socket_record.h"
#include "tracking/tracked_socket.h"

namespace halfclosed::tracking {

/// A CLOSE-WAIT socket that has sent data so shortly ago is still sending: its peer has shut down
/// its own half on purpose and waits for the rest of the answer.
inline constexpr std::chrono::seconds kSendingPause{5};

/// Whether a process could be sending on the socket.
bool may_send(const TrackedSocket& socket);

/// When the socket last sent data after its peer's FIN had come, as far as tcp_info tells.
/// `acked_before` is its bytes_acked at an earlier get: what moved since was sent or acknowledged
/// since. Without it the time of the last data is taken, if it must lie after the FIN. A
/// retransmission is not sending: it moves tcpi_last_data_sent (net/ipv4/tcp_output.c:
/// tcp_event_data_sent) and not tcpi_bytes_acked.
std::optional<Instant> last_sent(const TrackedSocket& socket, const TcpInfo& info,
                                 std::optional<std::uint64_t> acked_before, Instant now);

/// How long a socket need not be asked about its sending: a quarter of the time that it has not
/// sent for, up to 30 s.
Duration pause_before_next_look(const TrackedSocket& socket, Instant now);

/// What the socket is stuck with at `now`: sending, or what its record says.
std::optional<Cause> cause(const TrackedSocket& socket, Instant now);

}  // namespace halfclosed::tracking
