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
        exact,      ///< the kernel told when it happened
    };

    Duration value{0};
    Kind kind = Kind::at_least;
    std::optional<Duration> at_most{};  ///< of a lower bound: the upper one, if there is any

    /// Nothing if the socket may be of any age from `value` on.
    std::optional<Duration> upper_bound() const {
        return kind == Kind::at_least ? at_most : std::optional(value);
    }

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
///   Estimated if the two are close, or where the last ACK can have been none but the FIN's;
///   else between the two.
///   TIME-WAIT: what is gone of its 60 s.
///   Anything else: at least 0. What is left of a FIN-WAIT-2 minisock's time says nothing of its
///   age: tcp_fin_timeout may have been another when it was made, and TCP_LINGER2 sets a time of
///   its own that sock_diag does not tell.
Age estimate_age(const SocketRecord& record, const std::optional<TcpInfo>& info);

}  // namespace halfclosed::tracking
