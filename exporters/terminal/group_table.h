#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "exporters/snapshot/groups.h"
#include "text/terminal.h"

namespace halfclosed::exporters {

/// Groups as lines under titles, the worst first, none wider than `style.width`: where a key is too long for its column,
/// it stands on a line above its figures; where that is still too wide, the growth and the number of leaks are left
/// out. Empty if there are no groups. Of more than `most`, the others are counted in a line.
std::string group_table(const Snapshot& snapshot, GroupBy by, const text::TerminalStyle& style,
                        std::optional<std::size_t> most = std::nullopt);

/// A line an owner under titles, the worst first, none wider than `style.width`: its causes, those with the most leaks
/// first, and its figures. Where that is too wide growth, descriptors and the number of leaks give way, in this order, and
/// a long name is cut. Empty if there are none.
std::string owner_lines(const Snapshot& snapshot, const text::TerminalStyle& style);

}  // namespace halfclosed::exporters
