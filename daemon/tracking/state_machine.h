#pragma once

#include <vector>

#include "records/tcp_state.h"

namespace halfclosed::tracking {

/// A step of the closing half of the TCP state machine (RFC 9293 figure 5), with the steps to CLOSE
/// that a reset or a timeout takes.
struct Edge {
    TcpState from;
    TcpState to;

    bool operator==(const Edge&) const = default;
};

/// Every edge that Linux takes from ESTABLISHED on. FIN-WAIT-1 to TIME-WAIT is not one of them: a
/// FIN that also acknowledges ours takes the socket through FIN-WAIT-2
/// (net/ipv4/tcp_input.c:tcp_rcv_state_process).
const std::vector<Edge>& closing_edges();

/// The edges that lie on every path from one state to another, in order: what must have happened
/// between two polls, and no more. Empty if the paths have nothing in common. TIME-WAIT is no
/// state that must be seen: a new connection between the same ends, tcp_tw_reuse, a reset or
/// tcp_max_tw_buckets end it at any time (net/ipv4/tcp_minisocks.c:tcp_timewait_state_process).
/// Found once: thousands of sockets may ask in one look.
const std::vector<Edge>& certain_path(TcpState from, TcpState to);

}  // namespace halfclosed::tracking
