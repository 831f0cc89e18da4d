#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ground/socket.h"
#include "records/socket_record.h"
#include "tracking/watched_ports.h"

namespace halfclosed::ground {

/// A listener and one connection to it. `first` is the end that is going to close first; which side that is, the test
/// chooses. Where the connection is not accepted, the server's end has no socket of ours.
struct Connection {
    Socket listener;
    Socket server;
    Socket client;
    std::uint16_t server_port = 0;
    std::uint16_t client_port = 0;
    tracking::Side first_side = tracking::Side::server;

    Socket& first() { return first_side == tracking::Side::server ? server : client; }
    Socket& second() { return first_side == tracking::Side::server ? client : server; }
};

/// Established at both ends and, unless said otherwise, accepted. Nothing was sent.
Connection establish(Network network, tracking::Side first, bool accepted = true);

/// The connection's end on that side among `records`; nothing when it is not there.
std::optional<SocketRecord> end_of(const Connection& connection, tracking::Side side,
                                   const std::vector<SocketRecord>& records);

/// Every socket of this namespace, now.
std::vector<SocketRecord> look(StateSet states = kAllStates);

}  // namespace halfclosed::ground
