#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "ground/connection.h"
#include "records/tcp_state.h"
#include "tracking/custody.h"

namespace halfclosed::ground {

/// What an end of a connection must look like.
struct Look {
    TcpState state;
    tracking::Custody custody;
    Timer::Kind timer = Timer::Kind::none;

    bool operator==(const Look&) const = default;
};

/// A kind of connection that Linux can have, and how to make one. Nothing moves in it any more when both ends look as
/// they must: it stays so for some seconds at least.
struct Kind {
    const char* name;
    bool accepted;  ///< else the server's end stays in the listener's queue
    std::function<void(Connection&)> bring_about;  ///< from ESTABLISHED; null: that is it
    std::optional<Look> first;                     ///< nothing: no such socket is left
    std::optional<Look> second;
};

/// With tcp_fin_timeout at its default of 60 s.
const std::vector<Kind>& kinds();

/// Makes one, and waits until it looks as it must. Throws std::runtime_error when it does not within two seconds.
Connection make(const Kind& kind, Network network, tracking::Side first);

/// A connection whose request socket waits for data (TCP_DEFER_ACCEPT): SYN-RECV at the server.
Connection make_request_socket(Network network);

/// A listener with a full queue, its one connection, and a socket that tries to connect: SYN-SENT.
struct FullQueue {
    Connection accepted_by_nobody;
    Socket trying;
};
FullQueue make_syn_sent(Network network);

}  // namespace halfclosed::ground
