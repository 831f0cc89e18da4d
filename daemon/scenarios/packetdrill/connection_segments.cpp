#include "scenarios/packetdrill/connection_model.h"

#include <algorithm>

#include "scenarios/packetdrill/sequence.h"

namespace halfclosed::scenarios::packetdrill {

namespace {

/// More holes than any script has between what came.
constexpr std::size_t kMostEarly = 64;

}  // namespace

void ConnectionModel::begin(const Segment& syn) {
    receive_next_ = syn.sequence + 1;
    peer_fin_.reset();
    fin_end_.reset();
    early_.clear();
    unread_ = 0;
    end_was_read_ = false;
    receives_no_more_ = false;
    peer_scales_ = false;
    for (const TcpOption& option : syn.options.value_or(std::vector<TcpOption>{})) {
        peer_scales_ = peer_scales_ || option.kind == TcpOption::Kind::window_scale;
    }
}

void ConnectionModel::injected(const Segment& segment) {
    if (state_ == TcpState::close) {
        // A SYN with FIN is dropped (net/ipv4/tcp_input.c:tcp_rcv_state_process).
        if (listener_ && segment.flags == "S") {
            begin(segment);
            was_held_ = false;
            connection_.reset();
            move(TcpState::syn_recv);
        }
        return;
    }
    if (state_ == TcpState::syn_sent) {
        injected_while_connecting(segment);
        return;
    }
    if (state_ == TcpState::time_wait) {
        injected_in_time_wait(segment);
        return;
    }
    if (segment.has('R')) {
        if (resets(segment)) {
            gone();
        }
        return;
    }
    if (segment.has('S')) {
        // A challenge (RFC 5961 section 4); a minisock answers one in its window otherwise
        // (net/ipv4/tcp_minisocks.c:tcp_timewait_state_process).
        says_nothing_ = says_nothing_ || (state_ == TcpState::fin_wait2 && !connection_);
        return;
    }
    if (!segment.has('.') || !acceptable(segment) || before(send_next_, *segment.acknowledgement)) {
        return;
    }
    acknowledged(*segment.acknowledgement);
    if (state_ != TcpState::close) {
        receive(segment);
    }
}

void ConnectionModel::injected_while_connecting(const Segment& segment) {
    const bool acknowledges = segment.acknowledgement == send_next_;
    if (segment.has('.') && !acknowledges) {
        return;  // answered with RST, and ignored (RFC 9293 section 3.10.7.3)
    }
    if (segment.has('R')) {
        if (acknowledges) {
            gone();
        }
    } else if (segment.has('S') && segment.has('F')) {
        says_nothing_ = true;
    } else if (segment.has('S')) {
        begin(segment);
        move(acknowledges ? TcpState::established : TcpState::syn_recv);
    }
}

/// net/ipv4/tcp_minisocks.c:tcp_timewait_state_process with net.ipv4.tcp_rfc1337 = 0.
void ConnectionModel::injected_in_time_wait(const Segment& segment) {
    if (segment.has('R')) {
        if (segment.sequence == receive_next_) {
            gone();
        }
    } else if (segment.has('S') && !segment.has('.') && listener_ &&
               before(receive_next_, segment.sequence)) {
        says_nothing_ = true;  // a new connection with the same ends, if the listener takes it
    }
}

std::uint32_t ConnectionModel::window_end() const {
    return before(window_end_, receive_next_) ? receive_next_ : window_end_;
}

std::string ConnectionModel::place(const Segment& segment) const {
    if (state_ == TcpState::close || state_ == TcpState::syn_sent || state_ == TcpState::listen) {
        return {};
    }
    if (segment.sequence == receive_next_) {
        return "at";
    }
    if (before(segment.sequence, receive_next_)) {
        return "before";
    }
    return before(segment.sequence, window_end()) ? "in" : "beyond";
}

/// RFC 9293 section 3.4, table 6; net/ipv4/tcp_input.c:tcp_sequence.
bool ConnectionModel::acceptable(const Segment& segment) const {
    return !before(segment.end(), receive_next_) && !before(window_end(), segment.sequence);
}

/// RFC 5961 section 3. Linux takes also the number of a FIN that came before (net/ipv4/tcp_input.c:tcp_reset_check), and a
/// request socket and a minisock go with any in the window (net/ipv4/tcp_minisocks.c:tcp_check_req,
/// tcp_timewait_state_process).
bool ConnectionModel::resets(const Segment& segment) const {
    if (segment.sequence == receive_next_) {
        return true;
    }
    const bool after_fin = state_ == TcpState::close_wait || state_ == TcpState::last_ack ||
                           state_ == TcpState::closing;
    if (after_fin && segment.sequence + 1 == receive_next_) {
        return true;
    }
    const bool small =
        !connection_ && (state_ == TcpState::syn_recv || state_ == TcpState::fin_wait2);
    return small && place(segment) == "in";
}

void ConnectionModel::acknowledged(std::uint32_t number) {
    if (state_ == TcpState::syn_recv) {
        if (number != send_next_) {
            return;
        }
        move(TcpState::established);
    }
    if (!fin_end_ || before(number, *fin_end_)) {
        return;
    }
    if (state_ == TcpState::fin_wait1) {
        move(TcpState::fin_wait2);
    } else if (state_ == TcpState::closing) {
        move(TcpState::time_wait);
    } else if (state_ == TcpState::last_ack) {
        gone();
    }
}

void ConnectionModel::receive(const Segment& segment) {
    if (state_ != TcpState::established && state_ != TcpState::fin_wait1 &&
        state_ != TcpState::fin_wait2) {
        return;
    }
    const std::uint32_t data_end = segment.sequence + segment.length;
    const bool sends = state_ != TcpState::established;
    // What nobody can read any more is answered with RST (RFC 9293 section 3.10.7.4; tcp_rcv_state_process).
    if (segment.length > 0 && sends && receives_no_more_ && before(receive_next_, data_end)) {
        gone();
        return;
    }
    if (segment.has('F')) {
        peer_fin_ = data_end;
    }
    if (segment.length > 0) {
        early_.emplace_back(segment.sequence, data_end);
    }
    take_in_order();
    if (peer_fin_ == receive_next_) {
        peer_finished();
    }
}

void ConnectionModel::take_in_order() {
    // By the distance from RCV.NXT: numbers that wrap have no order of their own.
    std::sort(early_.begin(), early_.end(), [this](const Range& left, const Range& right) {
        return static_cast<std::int32_t>(left.first - receive_next_) <
               static_cast<std::int32_t>(right.first - receive_next_);
    });
    std::uint32_t next = receive_next_;
    for (const auto& [begin, end] : early_) {
        if (!before(next, begin) && before(next, end)) {
            next = end;
        }
    }
    unread_ += next - receive_next_;
    receive_next_ = next;
    std::erase_if(early_, [next](const Range& range) { return !before(next, range.second); });
    says_nothing_ = says_nothing_ || early_.size() > kMostEarly;
    early_.resize(std::min(early_.size(), kMostEarly));
}

void ConnectionModel::peer_finished() {
    ++receive_next_;
    peer_fin_.reset();
    if (state_ == TcpState::established) {
        move(TcpState::close_wait);
    } else if (state_ == TcpState::fin_wait1) {
        move(TcpState::closing);
    } else if (state_ == TcpState::fin_wait2) {
        move(TcpState::time_wait);
    }
}

}  // namespace halfclosed::scenarios::packetdrill
