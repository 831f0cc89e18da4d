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

/// The same without lines above the figures: a key that is too long for a line is cut.
std::string group_lines(const Snapshot& snapshot, GroupBy by, const text::TerminalStyle& style);

}  // namespace halfclosed::exporters
