#pragma once

#include <cstdint>
#include <optional>

#include "records/socket_record.h"

namespace halfclosed::tracking {

/// Why a socket is still in CLOSE-WAIT: what its application has not done yet.
enum class Cause : std::uint8_t {
    not_accepted,  ///< accept()
    unread,      ///< read() up to end-of-file: data or the end itself is still in the receive queue
    not_closed,  ///< close(): read() has returned 0
    sending,     ///< nothing: it sends the answer that a peer waits for which has closed its half
};

inline constexpr Cause kCauses[] = {Cause::not_accepted, Cause::unread, Cause::not_closed,
                                    Cause::sending};

const char* name(Cause cause);

/// Nothing for a socket that is not in CLOSE-WAIT, or known in brief. In CLOSE-WAIT the receive queue counts the
/// peer's FIN as one byte until end-of-file was read (net/ipv4/tcp_diag.c:tcp_diag_get_info:
/// rcv_nxt - copied_seq). Never `sending`, which a record does not show.
std::optional<Cause> cause(const SocketRecord& record);

}  // namespace halfclosed::tracking
