#pragma once

#include <utility>
#include <vector>

#include "commands/past_scope.h"
#include "exporters/snapshot/socket_filter.h"
#include "history/sqlite.h"
#include "tracking/transition.h"

namespace halfclosed {

/// The transitions that a history has of the scope from a time on, as far as the filter admits them, in their order.
std::vector<std::pair<tracking::Transition, WallTime>> transitions_since(
    const history::Connection& connection, WallTime from, const PastScope& scope,
    const exporters::SocketFilter& filter);

}  // namespace halfclosed
