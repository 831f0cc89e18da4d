#pragma once

#include <vector>

#include "scenarios/diagram/diagram_events.h"

namespace halfclosed::scenarios {

/// A wait of this length or more is drawn as a break.
inline constexpr Duration kLongWait = std::chrono::milliseconds{20};

/// Events that share a height: at most one on the wire, one state and one call or signal of each end, and one count. What
/// a segment causes is in its row or below, what came before it above.
struct DiagramRow {
    Instant at;
    Duration wait{0};  ///< since the row before it
    std::vector<DiagramEvent> events;
};

/// diagram_events() grouped into rows, in order.
std::vector<DiagramRow> diagram_rows(const Trace& trace);

}  // namespace halfclosed::scenarios
