#pragma once

#include <optional>
#include <string>

#include "history/history_query.h"

namespace halfclosed::history {

/// The schema `halfclosed.history/1`: one JSON object on one line, without a newline. Times are RFC 3339, UTC, as the
/// wall clock stood; seconds are the monotonic clock's. `ended` is null of a socket that has not ended, and its last
/// seconds count until it was last observed, or until `now` where that is given.
std::string history_line(const HistoryRow& row, const std::optional<Moment>& now = {});

/// How long one of the socket's spans lasted.
Duration span_length(const HistoryRow& row, std::size_t span, const std::optional<Moment>& now);

}  // namespace halfclosed::history
