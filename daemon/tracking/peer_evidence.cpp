#include "tracking/peer_evidence.h"

#include <algorithm>
#include <chrono>

namespace halfclosed::tracking {

namespace {
/// How exactly the kernel's timers date a minisock: a jiffy, at HZ=100 the longest.
constexpr std::chrono::milliseconds kTick{10};
}  // namespace

void PeerEvidence::add(const SocketRecord& record, CloseWaitEnd saw, Instant when) {
    seen_.insert_or_assign(key(record.local, record.remote), Observation{saw, when});
}

std::optional<CloseWaitEnd> PeerEvidence::opposite(const TrackedSocket& socket) const {
    const auto found = seen_.find(key(socket.record.remote, socket.record.local));
    if (found == seen_.end() || found->second.when + kTick < socket.last_seen) {
        return std::nullopt;
    }
    return found->second.saw;
}

/// One end may be an IPv6 socket and the other an IPv4 one: both are written v4-mapped.
PeerEvidence::Half PeerEvidence::half(const Endpoint& end) {
    std::array<std::uint8_t, 16> bytes = end.address.bytes;
    if (end.address.family == Family::ipv4) {
        bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        std::copy_n(end.address.bytes.begin(), 4, bytes.begin() + 12);
    }
    return {bytes, end.port};
}

PeerEvidence::Key PeerEvidence::key(const Endpoint& local, const Endpoint& remote) {
    return {half(local), half(remote)};
}

}  // namespace halfclosed::tracking
