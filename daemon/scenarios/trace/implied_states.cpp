#include "scenarios/trace/implied_states.h"

#include <algorithm>
#include <string_view>

namespace halfclosed::scenarios {

namespace {

using tracking::Evidence;

const MadeCall* first_call(const Trace& trace, Side who, std::string_view name,
                           bool (*is_it)(const programs::Call&)) {
    const auto found =
        std::find_if(trace.calls.begin(), trace.calls.end(), [&](const MadeCall& made) {
            return made.who == who && made.call.name == name && is_it(made.call);
        });
    return found == trace.calls.end() ? nullptr : &*found;
}

bool succeeded(const programs::Call& call) {
    return call.error == 0;
}

bool returned_zero(const programs::Call& call) {
    return call.error == 0 && call.result == 0;
}

/// When an end gave its descriptor up: with close(), or with its process.
struct Closing {
    Instant from;
    Instant to;
};

std::optional<Closing> closing(const Trace& trace, Side side) {
    if (const MadeCall* const close = first_call(trace, side, "close", succeeded)) {
        return Closing{instant(close->call.began), instant(close->call.ended)};
    }
    for (const ProgramExit& exit : trace.exits) {
        if (exit.who != side) {
            continue;
        }
        Closing closing{exit.at, exit.at};
        for (const SentSignal& sent : trace.signals) {
            if (sent.to == side) {
                closing.from = sent.at;
            }
        }
        return closing;
    }
    return std::nullopt;
}

const MadeCall* end_of_file(const Trace& trace, Side side) {
    return first_call(trace, side, "read", returned_zero);
}

/// What follows for one end from calls and counters alone.
class Implication {
 public:
    Implication(const Trace& trace, Side side, const std::vector<StateSpan>& seen)
        : trace_(trace), self_(side), peer_(other(side)), seen_(seen) {
        established();
        fin_wait1();
        fin_wait2();
        close_wait();
        last_ack();
    }

    const std::vector<StateSpan>& states() const { return implied_; }

 private:
    /// It came into the state between these two.
    void within(TcpState state, Instant from, Instant to, const char* because) {
        implied_.push_back({state, Evidence::implied, from, to, {}, {}, because});
    }
    /// It was in the state by then.
    void by(TcpState state, Instant then, const char* because) {
        within(state, kUnknown, then, because);
    }

    const StateSpan* observation(TcpState state) const {
        const auto found = std::find_if(seen_.begin(), seen_.end(), [state](const StateSpan& span) {
            return span.state == state;
        });
        return found == seen_.end() ? nullptr : &*found;
    }

    void established() {
        if (const MadeCall* const connect = first_call(trace_, self_, "connect", returned_zero)) {
            within(TcpState::established, instant(connect->call.began),
                   instant(connect->call.ended), "connect() succeeded");
        } else if (const MadeCall* const accept = first_call(trace_, self_, "accept", succeeded)) {
            by(TcpState::established, instant(accept->call.ended), "accept() returned it");
        }
    }

    /// close() sends a FIN or, with data unread, a reset; the peer that reads end-of-file has got
    /// the FIN.
    void fin_wait1() {
        const MadeCall* const close = first_call(trace_, self_, "close", returned_zero);
        const MadeCall* const shutdown = first_call(trace_, self_, "shutdown", returned_zero);
        const MadeCall* const fin = shutdown != nullptr ? shutdown : close;
        const MadeCall* const own_end = end_of_file(trace_, self_);
        const bool first =
            own_end == nullptr || fin == nullptr || fin->call.began < own_end->call.ended;
        if (fin != nullptr && first && end_of_file(trace_, peer_) != nullptr) {
            within(TcpState::fin_wait1, instant(fin->call.began), instant(fin->call.ended),
                   "its FIN reached the peer, which read end-of-file");
        }
    }

    /// An end in CLOSING has got our FIN, and acknowledges it with all that it sends from then on.
    /// One that was seen there before we left FIN-WAIT-1 took us through FIN-WAIT-2, for
    /// tcp_rcv_state_process() takes a segment's acknowledgement before its FIN.
    void fin_wait2_from_closing() {
        const StateSpan* const time_wait = observation(TcpState::time_wait);
        if (time_wait == nullptr || observation(TcpState::closing) != nullptr) {
            return;
        }
        for (const StateObservation& seen : trace_.observations) {
            if (seen.side == peer_ && seen.state == TcpState::closing &&
                seen.seen <= time_wait->earliest) {
                within(TcpState::fin_wait2, time_wait->earliest, time_wait->began,
                       "the peer was CLOSING, so its FIN acknowledged ours");
                return;
            }
        }
    }

    void fin_wait2() {
        fin_wait2_from_closing();
        const MadeCall* const peer_end = end_of_file(trace_, peer_);
        if (peer_end == nullptr) {
            return;
        }
        const std::optional<Closing> peer_closed = closing(trace_, peer_);
        const StateSpan* const time_wait = observation(TcpState::time_wait);
        if (time_wait != nullptr && peer_closed &&
            instant(peer_end->call.ended) <= peer_closed->from &&
            observation(TcpState::closing) == nullptr) {
            by(TcpState::fin_wait2, std::min(peer_closed->to, time_wait->began),
               "the peer had read end-of-file, so its FIN acknowledged ours");
            return;
        }
        // net/ipv4/tcp_input.c:tcp_rcv_state_process() enters FIN-WAIT-2 with the acknowledgement
        // and aborts on the data of the same segment; a FIN that was acknowledged before would have
        // left a minisock.
        const MadeCall* const write = first_call(trace_, peer_, "write", succeeded);
        const CounterDeltas counters = trace_.counters.value_or(CounterDeltas{});
        const bool minisock = counters.of("TW") + counters.of("TWKilled") > 0;
        if (write != nullptr && write->call.began >= peer_end->call.ended && !minisock &&
            counters.of("TCPAbortOnData") > 0 && observation(TcpState::close) != nullptr) {
            by(TcpState::fin_wait2, instant(write->call.ended),
               "the segment that it aborted on acknowledged its FIN");
        }
    }

    void close_wait() {
        const MadeCall* const end = end_of_file(trace_, self_);
        const std::optional<Closing> closed = closing(trace_, self_);
        if (end != nullptr && (!closed || instant(end->call.ended) <= closed->from)) {
            by(TcpState::close_wait, instant(end->call.ended), "read() returned 0");
        }
    }

    /// An end that has read everything closes with a FIN. One that wrote after end-of-file may have
    /// been reset before, unless the peer read end-of-file in its turn.
    void last_ack() {
        const MadeCall* const end = end_of_file(trace_, self_);
        const std::optional<Closing> closed = closing(trace_, self_);
        const StateSpan* const gone = observation(TcpState::close);
        if (end == nullptr || !closed || gone == nullptr || gone->began < closed->from) {
            return;
        }
        const bool wrote =
            std::any_of(trace_.calls.begin(), trace_.calls.end(), [&](const MadeCall& made) {
                return made.who == self_ && made.call.name == "write" &&
                       made.call.began >= end->call.ended;
            });
        const MadeCall* const peer_end = end_of_file(trace_, peer_);
        if (!wrote) {
            within(TcpState::last_ack, closed->from, std::min(closed->to, gone->began),
                   "closing after end-of-file sends a FIN");
        } else if (peer_end != nullptr && instant(peer_end->call.ended) >= closed->from) {
            within(TcpState::last_ack, closed->from, std::min(closed->to, gone->began),
                   "its FIN reached the peer, which read end-of-file");
        }
    }

    const Trace& trace_;
    Side self_;
    Side peer_;
    const std::vector<StateSpan>& seen_;
    std::vector<StateSpan> implied_;
};

}  // namespace

std::vector<StateSpan> implied_states(const Trace& trace, Side side,
                                      const std::vector<StateSpan>& seen) {
    return Implication(trace, side, seen).states();
}

}  // namespace halfclosed::scenarios
