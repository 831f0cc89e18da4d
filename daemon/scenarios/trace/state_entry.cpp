#include "scenarios/trace/state_entry.h"

#include <algorithm>
#include <span>

#include "scenarios/trace/segment.h"

namespace halfclosed::scenarios {

namespace {

/// A segment is stamped when it is sent, and on loopback received some 10 us later: a poll may lie in between.
constexpr Duration kStampEarly = std::chrono::milliseconds{1};

std::optional<Segment> segment_of(const Packet& packet) {
    return decode_segment(std::as_bytes(std::span(packet.frame.bytes)));
}

/// Whether the peer's segment acknowledges the FIN that this end has sent before, and not only data in front of it.
/// Without the frames it is taken to.
bool acknowledges_fin(const Trace& trace, Side self, const Packet& packet) {
    if (packet.from == self || !packet.has('.')) {
        return false;
    }
    const Packet* fin = nullptr;
    for (const Packet& it : trace.packets) {
        if (it.at < packet.at && it.from == self && it.has('F')) {
            fin = &it;
        }
    }
    if (fin == nullptr) {
        return false;
    }
    const std::optional<Segment> sent = segment_of(*fin);
    const std::optional<Segment> answer = segment_of(packet);
    // Sequence numbers are compared modulo 2^32 (RFC 9293, 3.4); a FIN takes one.
    return !sent || !answer ||
           answer->acknowledgement - sent->sequence - sent->length == std::uint32_t{1};
}

/// Whether this segment makes the end enter `state` from `before` (RFC 9293, figure 5).
bool makes(const Trace& trace, Side self, TcpState state, std::optional<TcpState> before,
           const Packet& packet) {
    const bool sent = packet.from == self;
    switch (state) {
        case TcpState::established:
            return !sent && packet.has('.') && packet.has('S') == (self == Side::client);
        case TcpState::fin_wait1:
        case TcpState::last_ack:
            return sent && packet.has('F');
        case TcpState::close_wait:
        case TcpState::closing:
            return !sent && packet.has('F');
        case TcpState::fin_wait2:
            return acknowledges_fin(trace, self, packet);
        case TcpState::time_wait:
            return before == TcpState::closing ? acknowledges_fin(trace, self, packet)
                                               : !sent && packet.has('F');
        case TcpState::close:
            return packet.has('R') ||
                   (before == TcpState::last_ack && acknowledges_fin(trace, self, packet));
        default:
            return false;
    }
}

/// close() and shutdown() make the state even where the FIN has to wait behind data.
bool closes(const MadeCall& made, Side self) {
    return made.who == self && made.call.error == 0 &&
           (made.call.name == "close" || made.call.name == "shutdown");
}

}  // namespace

std::optional<Instant> state_entry(const Trace& trace, Side side, const StateSpan& span,
                                   std::optional<TcpState> before, Instant from) {
    from = std::max(from, span.earliest - kStampEarly);
    const auto within = [&](Instant at) { return at >= from && at <= span.began; };
    for (const Packet& packet : trace.packets) {
        if (within(packet.at) && makes(trace, side, span.state, before, packet)) {
            return packet.at;
        }
    }
    if (span.state == TcpState::fin_wait1 || span.state == TcpState::last_ack) {
        for (const MadeCall& made : trace.calls) {
            if (closes(made, side) && within(instant(made.call.began))) {
                return instant(made.call.began);
            }
        }
    }
    return std::nullopt;
}

}  // namespace halfclosed::scenarios
