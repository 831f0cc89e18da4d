#pragma once

#include <string>
#include <vector>

#include "scenarios/trace/timeline.h"
#include "scenarios/trace/trace.h"

namespace halfclosed::scenarios {

/// One thing of a trace that a diagram shows, in words that fit beside an arrow or into a lane.
struct DiagramEvent {
    /// In the order in which events of the same time stand: a call makes a segment, a segment makes states. `packets`
    /// and `calls` stand for several in a row, of which there are too many to be shown.
    enum class Kind { packet, packets, call, calls, signal, state, counts };

    Kind kind = Kind::packet;
    Instant at;
    Side side = Side::client;  ///< whose it is; of a packet: the sender's; of counts: no meaning
    std::string text{};        ///< "SYN ACK", "26 bytes FIN", "read = 26", "SIGINT", "FIN-WAIT-2"
    bool failed = false;       ///< a reset; a call with an errno
    Packet packet{};           ///< of a packet
    StateSpan span{};          ///< of a state
    CountSample counts{};      ///< of counts

    bool operator==(const DiagramEvent&) const = default;
};

/// Everything from the client's connect() on, in order. Each event stands at the moment of its cause where the trace
/// knows it: a call that sends at its segment, a state at the segment that made it, a count at the state that it counts.
/// Of a long run of segments and calls that only carry data the middle is left out, and its place says how much.
std::vector<DiagramEvent> diagram_events(const Trace& trace);

inline bool is_on_wire(const DiagramEvent& it) {
    return it.kind == DiagramEvent::Kind::packet || it.kind == DiagramEvent::Kind::packets;
}

}  // namespace halfclosed::scenarios
