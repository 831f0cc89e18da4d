#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// Sockets in a state, of both sides or of one; nothing if the collector that tells failed, or if
/// what we know is not fresh.
std::optional<std::uint64_t> sockets_in(const Snapshot& snapshot, TcpState state,
                                        std::optional<tracking::Side> side, bool fresh);

/// "42", or "–" for what is not known.
std::string count_text(const std::optional<std::uint64_t>& count);

/// The closing half of the TCP state machine as RFC 9293 section 3.3.2 draws it, as SVG: in each box how many sockets are
/// in the state, who holds them and how old the oldest is; at each edge how many went it since the start. CLOSE-WAIT is
/// alarming when any of its sockets has leaked, and so is the edge out of it that they do not take: a close() is missing.
///
/// Boxes, edges and their texts have ids, "box-close_wait" and "edge-close_wait-last_ack", by which live.js sets them
/// anew.
std::string state_figure(const Snapshot& snapshot, bool fresh);

}  // namespace halfclosed::exporters
