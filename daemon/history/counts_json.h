#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "history/history_query.h"

namespace halfclosed::history {

/// The schema `halfclosed.counts/1`: one JSON object on one line, how many sockets there were between two times.
///   observed   [from, to] of each span in which a daemon looked
///   samples    at most `most`: t (milliseconds since 1970), states [state, custody, sockets, oldest in seconds],
///              owners [name, half-closed, leaked, dead], steps [from, to, count] since the sample before
std::string counts_json(const Connection& connection, WallTime from, WallTime to, std::size_t most);

}  // namespace halfclosed::history
