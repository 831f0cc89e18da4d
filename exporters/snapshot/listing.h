#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "exporters/snapshot/socket_filter.h"

namespace halfclosed::exporters {

/// A socket as it is listed: half-closed, or dead.
struct ListedSocket {
    const tracking::TrackedSocket* socket = nullptr;
    const tracking::DeadSocket* dead =
        nullptr;  ///< null unless it is dead; `socket` is its own then

    tracking::Age age(Instant now) const { return dead ? dead->age(now) : socket->age(now); }
};

/// What the list is ordered by; within equals the oldest first, and the dead after the others.
enum class SocketOrder { age, owner, cause, state, queue, peer, port };

/// Throws std::invalid_argument with the value and what is expected.
SocketOrder parse_socket_order(const std::string& text);

/// The half-closed sockets of the snapshot, and its dead ones, as far as the filter admits them.
std::vector<ListedSocket> listing(const Snapshot& snapshot, SocketOrder order = SocketOrder::age,
                                  const SocketFilter& filter = {});

/// "not_closed" of one in CLOSE-WAIT, "dead", and of others the state: why it is in the list, in a word.
std::string kind_of(const ListedSocket& listed);

/// The address of the other end, without its port.
std::string peer_address(const SocketRecord& record, const InterfaceNames& interfaces);

}  // namespace halfclosed::exporters
