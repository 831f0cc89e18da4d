#include "tracking/ending.h"

#include <chrono>

namespace halfclosed::tracking {

namespace {

/// A minisock that was seen so shortly before its time was up, and is gone after it, expired. Seen
/// longer before, it may as well have been closed by its peer, and its TIME-WAIT have ended early.
constexpr std::chrono::seconds kShortlyBefore{3};

/// No minisock lives shorter than 3.5 retransmission timeouts, of 200 ms at least
/// (net/ipv4/tcp.c:tcp_fin_time).
constexpr std::chrono::milliseconds kShortestLife{500};

}  // namespace

CloseWaitEnd close_wait_end(Resets resets, std::optional<PeerProof> peer) {
    if (peer == PeerProof::got_our_fin || resets == Resets::none) {
        return CloseWaitEnd::closed;
    }
    return resets == Resets::all ? CloseWaitEnd::aborted : CloseWaitEnd::unknown;
}

FinWait2End fin_wait2_end(const TrackedSocket& socket, std::optional<PeerProof> peer, Instant now) {
    if (!is_minisock(socket.record)) {
        // A full socket may have been closed meanwhile, and have left a minisock that is gone too.
        const bool at_once = now - socket.last_seen < kShortestLife;
        return peer == PeerProof::was_reset && at_once ? FinWait2End::killed : FinWait2End::unknown;
    }
    const bool time_was_up = deadline(socket) <= now;
    if (peer == PeerProof::was_reset || peer == PeerProof::still_open) {
        // The peer has sent no FIN.
        return time_was_up ? FinWait2End::expired : FinWait2End::killed;
    }
    return time_was_up && deadline(socket) - socket.last_seen <= kShortlyBefore
               ? FinWait2End::expired
               : FinWait2End::unknown;
}

std::vector<Edge> way(CloseWaitEnd end) {
    switch (end) {
        case CloseWaitEnd::closed:
            return {{TcpState::close_wait, TcpState::last_ack},
                    {TcpState::last_ack, TcpState::close}};
        case CloseWaitEnd::aborted:
            return {{TcpState::close_wait, TcpState::close}};
        case CloseWaitEnd::unknown:
            break;
    }
    return {};
}

std::vector<Edge> way(FinWait2End end) {
    switch (end) {
        case FinWait2End::peer_closed:
            return {{TcpState::fin_wait2, TcpState::time_wait}};
        case FinWait2End::expired:
        case FinWait2End::killed:
            return {{TcpState::fin_wait2, TcpState::close}};
        case FinWait2End::unknown:
            break;
    }
    return {};
}

StateEnd::How end_not_known(TcpState state) {
    switch (state) {
        case TcpState::fin_wait2:
            return FinWait2End::unknown;
        case TcpState::close_wait:
            return CloseWaitEnd::unknown;
        default:
            return {};
    }
}

StateEnd::How how_left(const Edge& edge) {
    if (edge == Edge{TcpState::fin_wait2, TcpState::time_wait}) {
        return FinWait2End::peer_closed;
    }
    if (edge == Edge{TcpState::close_wait, TcpState::last_ack}) {
        return CloseWaitEnd::closed;
    }
    return {};
}

}  // namespace halfclosed::tracking
