#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "text/terminal.h"

namespace halfclosed {

/// What became of an owner's half-closed and dead sockets between two snapshots.
struct OwnerChange {
    std::string owner;
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    std::uint64_t added = 0;  ///< there after and not before
    std::uint64_t gone = 0;
    std::uint64_t leaked_before = 0;
    std::uint64_t leaked_after = 0;

    std::uint64_t remained() const { return before - gone; }
    bool operator==(const OwnerChange&) const = default;
};

/// By owner, those that grew most first. A socket whose owner only one snapshot knows is that one's.
std::vector<OwnerChange> compare(const exporters::Snapshot& before,
                                 const exporters::Snapshot& after);

/// A table and a sentence that says whether it got better. At most `most` owners.
std::string comparison_text(const exporters::Snapshot& before, const exporters::Snapshot& after,
                            const text::TerminalStyle& style, std::optional<std::size_t> most = {});

/// The schema `halfclosed.comparison/1`: one object on one line, with a newline. `left_out` are sockets of before that are not
/// compared, for nobody looked there now.
std::string comparison_json(const exporters::Snapshot& before, const exporters::Snapshot& after,
                            std::optional<std::size_t> most = {}, std::size_t left_out = 0);

}  // namespace halfclosed
