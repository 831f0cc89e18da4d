#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "exporters/snapshot/groups.h"
#include "exporters/snapshot/listing.h"
#include "exporters/snapshot/snapshot.h"
#include "exporters/snapshot/summary.h"
#include "text/terminal.h"

namespace halfclosed::exporters {

struct TableOptions {
    text::TerminalStyle style{};
    GroupBy by = GroupBy::owner_and_cause;
    SocketOrder order = SocketOrder::age;
    std::optional<std::size_t> limit{};  ///< of groups and of sockets
    bool wide = false;                   ///< all that is known of a socket, in a line
    View view = View::once;
};

/// The snapshot for a person. First who it is: the sockets by owner and cause; then the sockets, a few with the reason in
/// words, more than kFew in a line each; then a summary, what is not watched, and what the kernel's own counts say.
std::string snapshot_table(const Snapshot& snapshot, const TableOptions& options = {});

/// Sockets that are each told in words.
inline constexpr std::size_t kFew = 10;

/// Groups that are shown unless somebody asks for another number.
inline constexpr std::size_t kMostGroups = 10;

}  // namespace halfclosed::exporters
