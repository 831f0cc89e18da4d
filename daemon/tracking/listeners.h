#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>

#include "records/instant.h"
#include "records/socket_record.h"

namespace halfclosed::tracking {

/// Which local addresses and ports are listened to, as the looks that asked for LISTEN told. A listener is remembered
/// for kMemory after it was last told: a service that stops closes it before its last connections. Of more than kMost the
/// addresses are not kept: on their ports every address is taken to be listened to.
class Listeners {
 public:
    static constexpr std::chrono::minutes kMemory{2};
    static constexpr std::size_t kMost = 16'384;

    /// Another look that asks for LISTEN, at `now`: what see() adds belongs to it.
    void begin_look(Instant now);

    /// A record in LISTEN.
    void see(const SocketRecord& listener);

    /// Whether any look asked. Before, that nothing listens is not known either.
    bool known() const { return known_; }

    /// Whether the local end of `socket` is one of a listener: the same port and address, or any address. A child has
    /// the family of its listener (net/ipv4/inet_connection_sock.c:inet_csk_clone_lock), a v4-mapped one too.
    bool listens(const SocketRecord& socket) const;

    /// How many are remembered, each with its address or as its port alone.
    std::size_t remembered() const { return last_told_.size() + on_any_address_.size(); }

 private:
    using Key = std::tuple<Family, std::array<std::uint8_t, 16>, std::uint16_t>;

    bool known_ = false;
    Instant now_;
    std::map<Key, Instant> last_told_;
    std::map<std::uint16_t, Instant> on_any_address_;  ///< ports of those beyond kMost
    std::bitset<65536> ports_;  ///< of both: most sockets need no second question
};

}  // namespace halfclosed::tracking
