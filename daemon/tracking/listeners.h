#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <map>
#include <tuple>

#include "records/instant.h"
#include "records/socket_record.h"

namespace halfclosed::tracking {

/// Which local addresses and ports are listened to, as the looks that asked for LISTEN told. A listener is remembered
/// for kMemory after it was last told: a service that stops closes it before its last connections.
class Listeners {
 public:
    static constexpr std::chrono::minutes kMemory{2};

    /// Another look that asks for LISTEN, at `now`: what see() adds belongs to it.
    void begin_look(Instant now);

    /// A record in LISTEN.
    void see(const SocketRecord& listener);

    /// Whether any look asked. Before, that nothing listens is not known either.
    bool known() const { return known_; }

    /// Whether the local end of `socket` is one of a listener: the same port and address, or any address. A child has
    /// the family of its listener (net/ipv4/inet_connection_sock.c:inet_csk_clone_lock), a v4-mapped one too.
    bool listens(const SocketRecord& socket) const;

 private:
    using Key = std::tuple<Family, std::array<std::uint8_t, 16>, std::uint16_t>;

    bool known_ = false;
    Instant now_;
    std::map<Key, Instant> last_told_;
    std::bitset<65536> ports_;  ///< of last_told_: most sockets need no second question
};

}  // namespace halfclosed::tracking
