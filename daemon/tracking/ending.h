#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tracking/peer_evidence.h"
#include "tracking/state_end.h"
#include "tracking/state_machine.h"
#include "tracking/tracked_socket.h"

namespace halfclosed::tracking {

/// What the kernel's counters say about the connections of the namespace that were reset between
/// the look that last had a socket and now. Each that goes from ESTABLISHED or CLOSE-WAIT to CLOSE
/// adds one to EstabResets, and none that sends a FIN does (net/ipv4/tcp.c:tcp_set_state).
enum class Resets : std::uint8_t {
    not_known,
    none,  ///< EstabResets has not moved: whatever left CLOSE-WAIT sent a FIN
    some,  ///< it has moved: somebody's connection was reset
    all,   ///< it has moved by as much as sockets left ESTABLISHED and CLOSE-WAIT, of which every
           ///< one of the namespace is known: each of them was reset
};

/// How the CLOSE-WAIT of a socket that is gone ended, as far as it is proven.
CloseWaitEnd close_wait_end(Resets resets, std::optional<PeerProof> peer);

/// How the FIN-WAIT-2 of a socket that is gone by `now` ended, as far as it is proven. Gone before
/// its time proves little: a TIME-WAIT that ended early leaves the same nothing. Gone after it, and
/// seen shortly before, is expired.
FinWait2End fin_wait2_end(const TrackedSocket& socket, std::optional<PeerProof> peer, Instant now);

/// The edges to CLOSE that a socket which ended so has gone; none if that is not known.
std::vector<Edge> way(CloseWaitEnd end);
std::vector<Edge> way(FinWait2End end);

/// Of FIN-WAIT-2 and of CLOSE-WAIT that their end is not known; of the others it is not told how they end.
StateEnd::How end_not_known(TcpState state);

/// How the state that an edge leaves ended.
StateEnd::How how_left(const Edge& edge);

}  // namespace halfclosed::tracking
