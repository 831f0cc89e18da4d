#include "exporters/snapshot/explanation.h"
#include "exporters/snapshot/half_closed.h"

#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

using tracking::Cause;
using tracking::Custody;

std::string bytes(std::uint32_t count) {
    return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

/// "thread 812 read end-of-file 4m11s ago and", where the kernel told who and when.
std::string end_read(const tracking::TrackedSocket& socket, Instant now) {
    if (!socket.end_read) {
        return "read end-of-file, has";
    }
    const std::uint32_t thread = socket.end_read->thread;
    return (thread == 0 ? "" : "thread " + std::to_string(thread) + " ") + "read end-of-file " +
           text::duration_text(now - socket.end_read->at) + " ago and has";
}

std::string close_wait(const tracking::TrackedSocket& socket, Cause cause, const std::string& ago,
                       Instant now) {
    std::string peer = "peer closed " + ago + ": ";
    switch (cause) {
        case Cause::not_accepted:
            return peer + "still waits for accept()";
        case Cause::unread: {
            if (socket.record.protocol == Protocol::mptcp) {
                // The queue of MPTCP is told in memory, not in bytes (net/mptcp/mptcp_diag.c).
                return peer + "has not read all that it sent";
            }
            // The FIN itself counts as one byte until end-of-file was read.
            const std::uint32_t queued = socket.record.recv_queue;
            const std::uint32_t data = queued > 0 ? queued - 1 : 0;
            return peer + (data == 0 ? "has not read end-of-file"
                                     : "has not read the last " + bytes(data) + " and end-of-file");
        }
        case Cause::not_closed:
            if (socket.record.protocol == Protocol::mptcp) {
                // Whether end-of-file was read is told nowhere.
                return peer + "nothing is left to read, has not called close()";
            }
            return peer + end_read(socket, now) + " not called close()";
        case Cause::sending:
            return peer + "this side is still sending its answer";
    }
    return peer;
}

/// What its process has done to a socket of which it holds the file. close() shuts both directions down before it waits
/// for what is unsent, if it was told to (SO_LINGER), and shutdown(SHUT_RDWR) does the same: from here they look alike.
std::string let_go(const SocketRecord& record) {
    constexpr std::uint8_t kBothDirections = 3;
    return record.shutdown == kBothDirections
               ? "shut down in both directions, or a close() that waits (SO_LINGER)"
               : "shut down for writing and still open";
}

std::string fin_wait2(const tracking::TrackedSocket& socket) {
    switch (socket.custody) {
        case Custody::process:
            return let_go(socket.record) +
                   (socket.record.timer.kind == Timer::Kind::keepalive
                        ? ": waits for the peer's FIN while it answers keepalive probes"
                        : ": waits for the peer's FIN, for ever");
        case Custody::timewait:
            // Zero is normal: the timer wheel is late by up to two seconds.
            return "closed: waits for the peer's FIN" +
                   (expires(socket) ? ", " + text::duration_text(*expires(socket)) + " more at most"
                                    : std::string());
        default:
            return "closed: waits for the peer's FIN";
    }
}

/// FIN-WAIT-1, CLOSING and LAST-ACK: a FIN of ours is under way.
std::string unacknowledged(const tracking::TrackedSocket& socket, const std::string& closed) {
    const std::uint32_t queued = socket.record.send_queue;
    const std::string what =
        queued > 1 ? bytes(queued - 1) + " and the FIN are" : std::string("its FIN is");
    const Timer& timer = socket.record.timer;
    std::string text = closed + ": " + what + " not acknowledged";
    if (timer.kind == Timer::Kind::retransmit && timer.count > 0) {
        text +=
            ", sent again " + std::to_string(timer.count) + (timer.count == 1 ? " time" : " times");
    } else if (timer.kind == Timer::Kind::probe) {
        text += ", the peer's window is shut, or this host cannot send";
    }
    return text;
}

/// What it wrote and the peer does not take, which may be what it waits for; empty if there is nothing of the kind.
std::string stuck(const SocketRecord& record) {
    const Timer::Kind timer = record.timer.kind;
    const bool waits = timer == Timer::Kind::probe || timer == Timer::Kind::retransmit;
    return waits && record.send_queue > 0
               ? "; " + bytes(record.send_queue) + " that it wrote are not acknowledged"
               : "";
}

}  // namespace

std::string why(const tracking::TrackedSocket& socket, Instant now) {
    const bool open = socket.custody == Custody::process;
    switch (socket.record.state) {
        case TcpState::close_wait: {
            const Cause cause = socket.cause.value_or(Cause::not_closed);
            return close_wait(socket, cause, ago_text(socket.age(now)), now) +
                   (cause == Cause::sending ? "" : stuck(socket.record));
        }
        case TcpState::fin_wait1:
            return unacknowledged(socket, open ? let_go(socket.record) : "closed");
        case TcpState::fin_wait2:
            return fin_wait2(socket);
        case TcpState::last_ack:
            return unacknowledged(socket, open ? "peer closed first, then " + let_go(socket.record)
                                               : "peer closed first, then this side");
        case TcpState::closing:
            return unacknowledged(socket, "both sides closed at once");
        default:
            return {};
    }
}

std::string why(const tracking::DeadSocket& dead, Instant now) {
    return "the connection ended " + ago_text(dead.age(now)) +
           ", its descriptor is still open: has not called close()";
}

std::string held_by(const Owner* owner) {
    if (owner == nullptr) {
        return {};
    }
    const std::string label = owner_label(owner);
    std::string text = label == kUnknownOwner ? "" : text::printable(label);
    for (const Process& process : owner->processes) {
        text += text.empty() ? "" : ", ";
        text += "pid " + std::to_string(process.pid) + " (" + text::printable(process.comm) + ")";
    }
    return text.empty() ? text : "held by " + text;
}

std::string age_text(const tracking::Age& age) {
    std::string text = text::duration_text(age.value);
    switch (age.kind) {
        case tracking::Age::Kind::observed:
        case tracking::Age::Kind::exact:
            return text;
        case tracking::Age::Kind::estimated:
            return "~ " + text;
        case tracking::Age::Kind::at_least:
            if (age.at_most) {
                const std::string most = text::duration_text(*age.at_most);
                return most == text ? "~ " + text : text + "–" + most;
            }
            return "≥ " + text;
    }
    return text;
}

std::string ago_text(const tracking::Age& age) {
    std::string text = text::duration_text(age.value) + " ago";
    switch (age.kind) {
        case tracking::Age::Kind::observed:
        case tracking::Age::Kind::exact:
            return text;
        case tracking::Age::Kind::estimated:
            return "about " + text;
        case tracking::Age::Kind::at_least:
            if (age.at_most) {
                const std::string least = text::duration_text(age.value);
                const std::string most = text::duration_text(*age.at_most);
                return least == most ? "about " + text
                                     : "between " + least + " and " + most + " ago";
            }
            // A bound of nothing says only that it was before the first look.
            return age.value < std::chrono::seconds(1) ? "some time ago" : "at least " + text;
    }
    return text;
}

}  // namespace halfclosed::exporters
