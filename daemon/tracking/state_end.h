#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "records/instant.h"
#include "records/socket_record.h"
#include "tracking/watched_ports.h"

namespace halfclosed::tracking {

/// How FIN-WAIT-2 ended. `unknown`: the looks before and after fit more than one of the others.
enum class FinWait2End : std::uint8_t {
    peer_closed,  ///< the peer's FIN came
    expired,      ///< tcp_fin_timeout, or TCP_LINGER2, was over
    killed,       ///< a reset, late data or SOCK_DESTROY ended it before its time
    unknown,
};

/// How CLOSE-WAIT ended. `unknown`: a FIN and a reset leave the same nothing behind.
enum class CloseWaitEnd : std::uint8_t {
    closed,   ///< with a FIN of our own: close() or shutdown()
    aborted,  ///< with a reset, sent or received
    unknown,
};

inline constexpr FinWait2End kFinWait2Ends[] = {FinWait2End::peer_closed, FinWait2End::expired,
                                                FinWait2End::killed, FinWait2End::unknown};
inline constexpr CloseWaitEnd kCloseWaitEnds[] = {CloseWaitEnd::closed, CloseWaitEnd::aborted,
                                                  CloseWaitEnd::unknown};

const char* name(FinWait2End end);
const char* name(CloseWaitEnd end);

/// A socket left a state, whichever way.
struct StateEnd {
    /// Only of FIN-WAIT-2 and of CLOSE-WAIT is it told how they ended.
    using How = std::variant<std::monostate, FinWait2End, CloseWaitEnd>;

    SocketIdentity socket;
    PortMatch watched;
    TcpState state{};
    How how;
    std::optional<Duration> held;  ///< how long it was in the state, if that is known

    bool operator==(const StateEnd&) const = default;
};

/// The name of `how`; null for a state of which it is not told.
const char* name(const StateEnd::How& how);

}  // namespace halfclosed::tracking
