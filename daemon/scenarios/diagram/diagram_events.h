#pragma once

#include <string>
#include <vector>

#include "scenarios/trace/tenure.h"
#include "scenarios/trace/trace.h"

namespace halfclosed::scenarios {

/// One thing of a trace that a drawing shows, in words that fit beside an arrow or into a lane.
struct DiagramEvent {
    /// In the order in which they stand when they have one time: a call makes a segment, a segment makes states.
    /// `packets` and `calls` are several in a row of which there are too many to be shown.
    enum class Kind { packet, packets, call, calls, signal, state, counts };

    Kind kind = Kind::packet;
    Instant at;
    Side side = Side::client;  ///< whose it is; of a packet: the sender's; counts are nobody's
    std::string
        text{};  ///< "SYN ACK", "26 bytes FIN", "read = 26", "SIGINT", "FIN-WAIT-2", "42 calls"
    bool failed = false;   ///< a reset; a call with an errno
    Packet packet{};       ///< of a packet
    Tenure tenure{};       ///< of a state
    CountSample gauges{};  ///< of counts

    bool operator==(const DiagramEvent&) const = default;
};

/// All that happened from the client's connect() on, in order. Each thing stands at the moment of its cause where the
/// trace knows it: a call that sends at its segment, a state at the segment that made it, a count at the state that it
/// counts. Of a long run of segments and calls that only carry data, the middle is left out, and its place says how much.
std::vector<DiagramEvent> events(const Trace& trace);

inline bool is_on_wire(const DiagramEvent& it) {
    return it.kind == DiagramEvent::Kind::packet || it.kind == DiagramEvent::Kind::packets;
}

/// "FIN-WAIT-2": as RFC 9293 spells it.
std::string rfc_name(TcpState state);

}  // namespace halfclosed::scenarios
