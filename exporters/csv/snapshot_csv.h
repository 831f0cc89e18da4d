#pragma once

#include <string>
#include <vector>

#include "exporters/snapshot/groups.h"
#include "exporters/snapshot/listing.h"

namespace halfclosed::exporters {

// Comma-separated values (RFC 4180, with newlines alone) for a spreadsheet: a line of names, then a line a record. What
// is not known is empty. Text from outside that a spreadsheet would take for a formula is behind an apostrophe.

/// The columns are the keys of the JSON object, the owner's behind them; `processes` has pids with blanks between.
std::string sockets_csv(const Snapshot& snapshot, const std::vector<ListedSocket>& sockets);

/// The key of each group and its figures.
std::string groups_csv(const std::vector<Group>& groups, GroupBy by);

}  // namespace halfclosed::exporters
