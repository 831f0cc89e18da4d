#pragma once

#include "tracking/tracker.h"

namespace halfclosed {

/// A socket of port 9999 that its process leaked in CLOSE-WAIT.
inline tracking::TrackedSocket leaked_socket(Cookie cookie, Instant since) {
    tracking::TrackedSocket socket;
    socket.record.cookie = cookie;
    socket.record.state = TcpState::close_wait;
    socket.record.local = {{Family::ipv4, {127, 0, 0, 1}}, 9999};
    socket.record.remote = {{Family::ipv4, {127, 0, 0, 1}}, 40000};
    socket.record.inode = 77;
    socket.watched = {0, 9999, tracking::Side::server};
    socket.custody = tracking::Custody::process;
    socket.cause = tracking::Cause::not_closed;
    socket.since = since;
    socket.dated = tracking::Age::Kind::observed;
    socket.last_seen = since;
    return socket;
}

}  // namespace halfclosed
