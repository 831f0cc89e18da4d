#include "tracking/peer_evidence.h"

namespace halfclosed::tracking {

void PeerEvidence::ask_for(const SocketRecord& gone) {
    peers_.try_emplace(key(gone.remote, gone.local));
    asked_.set(hash(gone.remote, gone.local));
}

void PeerEvidence::add(const SocketRecord& peer, PeerProof proof, Instant known_since) {
    if (!asked_.test(hash(peer.local, peer.remote))) {
        return;
    }
    const auto asked = peers_.find(key(peer.local, peer.remote));
    if (asked != peers_.end()) {
        asked->second = Observation{proof, known_since};
    }
}

std::optional<PeerProof> PeerEvidence::about(const TrackedSocket& socket) const {
    const auto found = peers_.find(key(socket.record.remote, socket.record.local));
    if (found == peers_.end() || !found->second || found->second->known_since > socket.last_seen) {
        return std::nullopt;
    }
    return found->second->proof;
}

/// One end may be an IPv6 socket and the other an IPv4 one: both are written v4-mapped.
PeerEvidence::Half PeerEvidence::half(const Endpoint& end) {
    return {end.address.as_ipv6(), end.port};
}

std::size_t PeerEvidence::hash(const Endpoint& local, const Endpoint& remote) {
    return (local.port * 31U + remote.port * 7U) % kHashes;
}

PeerEvidence::Key PeerEvidence::key(const Endpoint& local, const Endpoint& remote) {
    return {half(local), half(remote)};
}

}  // namespace halfclosed::tracking
