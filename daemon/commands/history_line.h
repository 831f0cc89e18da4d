#pragma once

#include <string>

#include "history/history_query.h"
#include "text/terminal.h"

namespace halfclosed {

/// "close_wait 12m04s (not_closed) → last_ack 0ms → close".
std::string states_text(const history::HistoryRow& row);

/// How a socket ended: "closed"; "dead" or "not ended" if it has not.
std::string end_text(const history::RecordedSocket& socket);

/// A recorded socket on one line, for a person.
std::string history_text(const history::HistoryRow& row, const text::TerminalStyle& style);

}  // namespace halfclosed
