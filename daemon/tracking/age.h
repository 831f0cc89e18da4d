#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "records/instant.h"
#include "records/socket_record.h"

namespace halfclosed::tracking {

/// How long a socket has been in its state, and how well that is known.
struct Age {
    enum class Kind : std::uint8_t {
        observed,   ///< it came into the state between two polls
        estimated,  ///< dated from the kernel's own times
        at_least,   ///< a lower bound
    };

    Duration value{0};
    Kind kind = Kind::at_least;

    bool operator==(const Age&) const = default;
};

const char* name(Age::Kind kind);

/// How long a closed socket stays in FIN-WAIT-2 under net.ipv4.tcp_fin_timeout. Beyond 60 s the
/// full socket waits for what is beyond, and then its minisock for as long again
/// (net/ipv4/tcp_timer.c:tcp_keepalive_timer): 2 s at 61.
std::chrono::milliseconds fin_wait2_lifetime(std::chrono::milliseconds fin_timeout);

/// The age of a socket that was there before we looked.
///   CLOSE-WAIT: at least the time since the last ACK, for the peer's FIN brought one, and at most
///   the time since the last data, for none comes after a FIN (net/ipv4/tcp.c:tcp_get_info).
///   Estimated where the two are close, or where the last ACK can have been none but the FIN's;
///   else a lower bound. Minisocks: what is gone of the timeout; fin_wait2_lifetime() for
///   FIN-WAIT-2, 60 s for TIME-WAIT. Anything else: at least 0.
Age estimate_age(const SocketRecord& record, const std::optional<TcpInfo>& info,
                 std::chrono::milliseconds fin_timeout);

}  // namespace halfclosed::tracking
