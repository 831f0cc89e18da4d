#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The closing half of the TCP state machine as an SVG element for the page: how many sockets of
/// the watched ports are in each state, and how many took each step since the start. "–" where the
/// state is not known now.
std::string state_figure(const Snapshot& snapshot, bool fresh);

/// Sockets in a state over all watched ports, of one side or of both; nothing if it is not
/// known.
std::optional<std::uint64_t> sockets_in(const Snapshot& snapshot, TcpState state,
                                        std::optional<tracking::Side> side, bool fresh);

/// A count for the page, "–" if there is none.
std::string count_text(const std::optional<std::uint64_t>& count);

}  // namespace halfclosed::exporters
