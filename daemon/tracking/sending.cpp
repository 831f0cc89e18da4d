#include "tracking/sending.h"

#include <algorithm>

namespace halfclosed::tracking {

namespace {

constexpr std::chrono::milliseconds kAfterTheFin{100};

}  // namespace

bool may_send(const TrackedSocket& socket) {
    return socket.record.state == TcpState::close_wait && socket.custody == Custody::process;
}

std::optional<Instant> last_sent(const TrackedSocket& socket, const TcpInfo& info,
                                 std::optional<std::uint64_t> acked_before, Instant now) {
    if (acked_before) {
        return info.bytes_acked > *acked_before ? std::optional(now) : std::nullopt;
    }
    const Timer& timer = socket.record.timer;
    if (timer.kind == Timer::Kind::retransmit && timer.count > 0) {
        return std::nullopt;
    }
    const Instant sent = now - info.last_data_sent;
    // Of one that is dated by a bound the FIN may have come any time from the peer's last data on.
    // If that is far back, what was sent a moment ago is the answer that the peer waits for.
    const bool mostly_after = socket.dated == Age::Kind::at_least &&
                              info.last_data_sent <= kSendingPause &&
                              info.last_data_received - info.last_data_sent > kSendingPause;
    // Both times are rounded to jiffies, and a socket that never sent "sent" when it was connected
    // (net/ipv4/tcp_input.c:tcp_finish_connect): what is shortly after the FIN is no answer to it.
    return sent > socket.since + kAfterTheFin || mostly_after ? std::optional(sent) : std::nullopt;
}

Duration pause_before_next_look(const TrackedSocket& socket, Instant now) {
    const Duration quarter = socket.idle(now) / 4;
    return std::min<Duration>(quarter, std::chrono::seconds{30});
}

std::optional<Cause> cause(const TrackedSocket& socket, Instant now) {
    if (may_send(socket) && socket.last_sent && now - *socket.last_sent <= kSendingPause) {
        return Cause::sending;
    }
    return cause(socket.record);
}

}  // namespace halfclosed::tracking
