#pragma once

#include <utility>
#include <vector>

#include "history/sqlite.h"
#include "records/port_range.h"
#include "tracking/transition.h"

namespace halfclosed {

/// The transitions that a history has of these ports (none: of all) from a time on, in their order.
std::vector<std::pair<tracking::Transition, WallTime>> transitions_since(
    const history::Connection& connection, WallTime from, const std::vector<PortRange>& ports);

}  // namespace halfclosed
