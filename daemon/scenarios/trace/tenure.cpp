#include "scenarios/trace/tenure.h"

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>

#include "scenarios/trace/segment.h"
#include "scenarios/trace/timeline.h"

namespace halfclosed::scenarios {

namespace {

using tracking::Custody;
using tracking::Evidence;

/// A segment is stamped when it is sent, and on loopback it is received some 10 us later: a look may lie in between.
constexpr Duration kStampEarly = std::chrono::milliseconds{1};

using Makes = std::function<bool(const Packet&)>;

bool has(const Packet& packet, char flag) {
    return packet.flags.find(flag) != std::string::npos;
}

std::optional<Segment> segment_of(const Packet& packet) {
    return decode_segment(std::as_bytes(std::span(packet.frame.bytes)));
}

/// Whether the peer's segment acknowledges the FIN that this end has sent before: not only data in front of it. Where
/// the frames are not there, it is taken to.
bool acknowledges_fin(const Trace& trace, Side self, const Packet& packet) {
    const Packet* fin = nullptr;
    for (const Packet& it : trace.packets) {
        if (it.at < packet.at && it.from == self && has(it, 'F')) {
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

/// Which segments make an end come into `state` from `before` (RFC 9293, figure 5).
Makes what_makes(const Trace& trace, TcpState state, std::optional<TcpState> before, Side self) {
    const auto sent = [self](char flag) -> Makes {
        return [self, flag](const Packet& it) { return it.from == self && has(it, flag); };
    };
    const auto received = [self](char flag) -> Makes {
        return [self, flag](const Packet& it) { return it.from != self && has(it, flag); };
    };
    const Makes fin_acknowledged = [&trace, self](const Packet& it) {
        return it.from != self && has(it, '.') && acknowledges_fin(trace, self, it);
    };
    switch (state) {
        case TcpState::established:
            return [self](const Packet& it) {
                return it.from != self && has(it, '.') && has(it, 'S') == (self == Side::client);
            };
        case TcpState::fin_wait1:
        case TcpState::last_ack:
            return sent('F');
        case TcpState::close_wait:
        case TcpState::closing:
            return received('F');
        case TcpState::fin_wait2:
            return fin_acknowledged;
        case TcpState::time_wait:
            return before == TcpState::closing ? fin_acknowledged : received('F');
        case TcpState::close:
            return [before, fin_acknowledged](const Packet& it) {
                return has(it, 'R') || (before == TcpState::last_ack && fin_acknowledged(it));
            };
        default:
            return [](const Packet&) { return false; };
    }
}

/// close() and shutdown() make the state even where the FIN has to wait behind data.
std::optional<Instant> own_closing_call(const Trace& trace, Side self, Instant from, Instant to) {
    for (const MadeCall& made : trace.calls) {
        const Instant began = instant(made.call.began);
        const bool closes = made.call.name == "close" || made.call.name == "shutdown";
        if (made.who == self && closes && made.call.error == 0 && began >= from && began <= to) {
            return began;
        }
    }
    return std::nullopt;
}

class Moments {
 public:
    Moments(const Trace& trace, Side side, const std::vector<StateSpan>& spans)
        : trace_(trace), side_(side) {
        Instant earliest = Instant::min();
        std::optional<TcpState> before;
        for (const StateSpan& span : spans) {
            const std::optional<Instant> exact = cause(span, before, earliest);
            moments_.push_back(exact.value_or(span.at));
            known_.push_back(exact.has_value());
            earliest = exact.value_or(earliest);
            before = span.state;
        }
        put_in_order();
    }

    const std::vector<Instant>& all() const { return moments_; }

 private:
    std::optional<Instant> cause(const StateSpan& span, std::optional<TcpState> before,
                                 Instant earliest) const {
        const Instant from = std::max(earliest, span.not_before - kStampEarly);
        const Makes makes = what_makes(trace_, span.state, before, side_);
        for (const Packet& packet : trace_.packets) {
            if (packet.at >= from && packet.at <= span.at && makes(packet)) {
                return packet.at;
            }
        }
        if (span.state == TcpState::fin_wait1 || span.state == TcpState::last_ack) {
            return own_closing_call(trace_, side_, from, span.at);
        }
        return std::nullopt;
    }

    /// A moment that is only a look's is not later than the exact one after it, and none is earlier than the one before.
    void put_in_order() {
        for (std::size_t index = moments_.size(); index-- > 1;) {
            if (!known_[index - 1]) {
                moments_[index - 1] = std::min(moments_[index - 1], moments_[index]);
            }
        }
        for (std::size_t index = 1; index < moments_.size(); ++index) {
            moments_[index] = std::max(moments_[index], moments_[index - 1]);
        }
    }

    const Trace& trace_;
    Side side_;
    std::vector<Instant> moments_;
    std::vector<bool> known_;
};

/// When accept() gave the socket to the process.
std::optional<Instant> accepted(const Trace& trace, Side side, const Tenure& tenure) {
    for (const MadeCall& made : trace.calls) {
        const Instant at = instant(made.call.ended);
        if (made.who == side && made.call.name == "accept" && made.call.error == 0 &&
            at >= tenure.from && (!tenure.to || at < *tenure.to)) {
            return at;
        }
    }
    return std::nullopt;
}

/// The observations of the state tell who had it, the first from its beginning on; and so does accept().
std::vector<Holder> holders(const Trace& trace, Side side, const Tenure& tenure) {
    std::vector<Holder> holders;
    for (const StateObservation& observation : trace.observations) {
        if (observation.side != side || observation.state != tenure.state || !observation.custody) {
            continue;
        }
        const Instant since = holders.empty() ? tenure.from : observation.seen;
        if (holders.empty() || holders.back().custody != *observation.custody) {
            holders.push_back({*observation.custody, since});
        }
    }
    const std::optional<Instant> given = accepted(trace, side, tenure);
    if (given && !holders.empty() && holders.front().custody == Custody::accept_queue) {
        if (holders.size() == 1) {
            holders.push_back({Custody::process, *given});
        } else if (holders[1].custody == Custody::process) {
            holders[1].since = *given;
        }
    }
    return holders;
}

}  // namespace

std::vector<Tenure> tenures(const Trace& trace, Side side) {
    const std::vector<StateSpan> passed = spans(trace, side);
    const Moments moments(trace, side, passed);
    std::vector<Tenure> tenures;
    for (std::size_t index = 0; index < passed.size(); ++index) {
        Tenure tenure{passed[index].state, passed[index].evidence, moments.all()[index], {}, {}};
        if (index + 1 < passed.size()) {
            tenure.to = moments.all()[index + 1];
        }
        tenure.holders = holders(trace, side, tenure);
        tenures.push_back(tenure);
    }
    return tenures;
}

}  // namespace halfclosed::scenarios
