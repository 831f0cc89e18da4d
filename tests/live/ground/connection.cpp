#include "ground/connection.h"

#include <algorithm>

#include "netlink/session.h"

namespace halfclosed::ground {

Connection establish(Network network, tracking::Side first, bool accepted) {
    Connection connection;
    connection.first_side = first;
    connection.listener = listen(network, 0);
    connection.server_port = connection.listener.port();
    connection.client = connect(network, connection.server_port);
    connection.client_port = connection.client.port();
    if (accepted) {
        connection.server = accept(connection.listener);
    }
    return connection;
}

std::optional<SocketRecord> end_of(const Connection& connection, tracking::Side side,
                                   const std::vector<SocketRecord>& records) {
    const bool server = side == tracking::Side::server;
    const std::uint16_t local = server ? connection.server_port : connection.client_port;
    const std::uint16_t remote = server ? connection.client_port : connection.server_port;
    const auto found =
        std::find_if(records.begin(), records.end(), [=](const SocketRecord& record) {
            return record.local.port == local && record.remote.port == remote;
        });
    return found == records.end() ? std::nullopt : std::optional(*found);
}

std::vector<SocketRecord> look(StateSet states) {
    netlink::Session session;
    std::vector<SocketRecord> records;
    session.dump({states, {}},
                 [&records](const SocketRecord& record) { records.push_back(record); });
    return records;
}

}  // namespace halfclosed::ground
