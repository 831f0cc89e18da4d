#include "scenarios/packetdrill/connection_model.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "scenarios/packetdrill/sequence.h"

namespace halfclosed::scenarios::packetdrill {

namespace {

using tracking::Cause;
using tracking::Custody;

bool names(const Call& call, std::size_t argument, std::string_view name) {
    if (argument >= call.arguments.size()) {
        return false;
    }
    const std::vector<std::string>& given = call.arguments[argument].names;
    return std::find(given.begin(), given.end(), name) != given.end();
}

std::optional<std::int64_t> number(const Call& call, std::size_t argument) {
    if (argument >= call.arguments.size() || call.arguments[argument].kind != Value::Kind::number) {
        return std::nullopt;
    }
    return call.arguments[argument].number;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// From ESTABLISHED on, without TIME-WAIT.
bool is_synchronized(TcpState state) {
    return state == TcpState::established || kHalfClosedStates.contains(state);
}

}  // namespace

std::optional<Seen> ConnectionModel::implied() const {
    if (says_nothing_) {
        return std::nullopt;
    }
    if (state_ == TcpState::close) {
        return Seen{};
    }
    Seen seen{state_, custody(), std::nullopt};
    if (state_ == TcpState::close_wait) {
        if (!was_held_) {
            seen.cause = Cause::not_accepted;
        } else if (end_was_read_) {
            seen.cause = *end_was_read_ ? Cause::not_closed : Cause::unread;
        }
    }
    return seen;
}

/// A FIN-WAIT-2 that nobody holds and a TIME-WAIT are minisocks (net/ipv4/tcp.c:__tcp_close,
/// net/ipv4/tcp_minisocks.c:tcp_time_wait).
Custody ConnectionModel::custody() const {
    if (state_ == TcpState::time_wait) {
        return Custody::timewait;
    }
    if (connection_) {
        return Custody::process;
    }
    if (!was_held_) {
        return state_ == TcpState::syn_recv ? Custody::handshake : Custody::accept_queue;
    }
    return state_ == TcpState::fin_wait2 ? Custody::timewait : Custody::orphan;
}

std::vector<tracking::Edge> ConnectionModel::take_edges() {
    return std::exchange(edges_, {});
}

void ConnectionModel::move(TcpState to) {
    if (state_ != to) {
        edges_.push_back({state_, to});
        state_ = to;
    }
}

void ConnectionModel::called(const Call& call, std::int64_t result) {
    const auto descriptor = number(call, 0);
    if (call.name == "listen" && result == 0) {
        listener_ = descriptor;
    } else if (call.name == "connect") {
        connection_ = descriptor;
        connects_ = true;
        was_held_ = true;
        if (result != 0 && call.error == "EINPROGRESS" && state_ == TcpState::close) {
            move(TcpState::syn_sent);
        }
    } else if (call.name.starts_with("accept") && result >= 0) {
        connection_ = result;
        was_held_ = true;
    } else if (call.name == "close" && result == 0 && descriptor) {
        closed(*descriptor);
    } else if (call.name == "shutdown" && result == 0) {
        shut_down(call);
    } else if (is_one_of(call.name, {"read", "recv", "recvfrom"})) {
        read(call, result);
    } else if (call.name == "setsockopt" && result == 0) {
        set_option(call);
    }
}

void ConnectionModel::set_option(const Call& call) {
    if (names(call, 2, "SO_LINGER") && call.arguments.size() > 3) {
        const std::vector<Value>& members = call.arguments[3].items;
        resets_on_close_ = members.size() == 2 && members[0].number != 0 && members[1].number == 0;
    }
    // What these do depends on time, or changes the handshake.
    for (const char* const option :
         {"TCP_LINGER2", "TCP_USER_TIMEOUT", "SO_KEEPALIVE", "TCP_REPAIR", "TCP_DEFER_ACCEPT",
          "TCP_FASTOPEN", "TCP_FASTOPEN_CONNECT"}) {
        says_nothing_ = says_nothing_ || names(call, 2, option);
    }
}

void ConnectionModel::read(const Call& call, std::int64_t result) {
    if (names(call, 3, "MSG_PEEK") || result < 0) {
        return;
    }
    unread_ -= std::min(unread_, result);
    const std::int64_t wanted = number(call, 2).value_or(result);
    if (state_ != TcpState::close_wait || unread_ > 0 || wanted == 0) {
        return;
    }
    // One that still wants bytes takes the end too; of one that got all it wanted it depends on how they were queued
    // (net/ipv4/tcp.c:tcp_recvmsg_locked).
    if (result < wanted) {
        end_was_read_ = true;
    } else if (end_was_read_ == false) {
        end_was_read_.reset();
    }
}

void ConnectionModel::shut_down(const Call& call) {
    const bool whole = names(call, 1, "SHUT_RDWR");
    if (number(call, 0) != connection_ || !connection_) {
        says_nothing_ = true;  // of a listener
        return;
    }
    receives_no_more_ = receives_no_more_ || whole || names(call, 1, "SHUT_RD");
    if (whole || names(call, 1, "SHUT_WR")) {
        finish(false);
    }
}

void ConnectionModel::closed(std::int64_t descriptor) {
    if (descriptor == listener_) {
        listener_.reset();
        if (!was_held_ && state_ != TcpState::close && state_ != TcpState::time_wait) {
            gone();  // RST to whom nobody has accepted (net/ipv4/inet_connection_sock.c:inet_csk_listen_stop)
        }
    } else if (descriptor == connection_) {
        connection_.reset();
        finish(true);
    }
}

void ConnectionModel::finish(bool by_close) {
    receives_no_more_ = receives_no_more_ || by_close;
    // RFC 2525 section 2.17; net/ipv4/tcp.c:__tcp_close
    const bool resets =
        by_close && (unread_ > 0 || resets_on_close_) && state_ != TcpState::time_wait;
    if (resets || state_ == TcpState::syn_sent) {
        gone();
    } else if (state_ == TcpState::established || state_ == TcpState::syn_recv) {
        move(TcpState::fin_wait1);
    } else if (state_ == TcpState::close_wait) {
        move(TcpState::last_ack);
    }
}

void ConnectionModel::sent(const Segment& segment) {
    if (segment.has('S')) {
        send_next_ = segment.end();
        if (!segment.has('.') && connects_ && state_ == TcpState::close) {
            move(TcpState::syn_sent);
        }
        for (const TcpOption& option : segment.options.value_or(std::vector<TcpOption>{})) {
            if (option.kind == TcpOption::Kind::window_scale && !option.numbers.empty()) {
                window_scale_ = std::min(option.numbers.front(), 14U);
            }
        }
    } else if (!segment.has('R') && before(send_next_, segment.end())) {
        send_next_ = segment.end();
    }
    if (segment.has('F')) {
        fin_end_ = segment.end();
    }
    if (segment.acknowledgement && segment.window && !segment.has('R')) {
        const bool scaled = peer_scales_ && !segment.has('S');
        window_end_ = *segment.acknowledgement +
                      (std::uint32_t{*segment.window} << (scaled ? window_scale_ : 0));
    }
    if (segment.has('R') && segment.sequence == send_next_ && is_synchronized(state_)) {
        gone();  // the connection was aborted (RFC 9293 section 3.10.5)
    }
}

}  // namespace halfclosed::scenarios::packetdrill
