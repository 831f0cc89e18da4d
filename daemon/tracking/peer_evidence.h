#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "tracking/tracked_socket.h"

namespace halfclosed::tracking {

/// What the other end of a connection, if it is a socket of this host too, proves about how this
/// one ended. Both ends must have been there at once: then they are ends of one connection, and not
/// of two that had the same addresses and ports one after the other.
enum class PeerProof : std::uint8_t {
    got_our_fin,  ///< it went on to TIME-WAIT: this end closed
    was_reset,    ///< it is gone, and went by a reset: it never sent a FIN
    still_open,   ///< it is in CLOSE-WAIT still: it sent neither FIN nor reset
};

/// Collects what the other ends of sockets that are gone prove.
class PeerEvidence {
 public:
    /// `gone` asks about its other end.
    void ask_for(const SocketRecord& gone);

    /// Notes what `peer` proves, if it was asked for. `known_since`: the first look that had it.
    void add(const SocketRecord& peer, PeerProof proof, Instant known_since);

    /// What the other end proves about `socket`; nothing if that was not there yet when the socket
    /// was last seen.
    std::optional<PeerProof> about(const TrackedSocket& socket) const;

    bool empty() const { return peers_.empty(); }

 private:
    struct Observation {
        PeerProof proof = PeerProof::still_open;
        Instant known_since;
    };
    using Half = std::pair<std::array<std::uint8_t, 16>, std::uint16_t>;
    using Key = std::pair<Half, Half>;

    static Half half(const Endpoint& end);
    static Key key(const Endpoint& local, const Endpoint& remote);
    static std::size_t hash(const Endpoint& local, const Endpoint& remote);

    static constexpr std::size_t kHashes = 65'536;
    std::bitset<kHashes> asked_;  ///< of their hashes: most peers were not asked for

    std::map<Key, std::optional<Observation>> peers_;
};

}  // namespace halfclosed::tracking
