#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exporters/snapshot/owner_leaks.h"
#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// An owner with half-closed or dead sockets, as the page has it.
struct OwnerRow {
    std::string name;
    std::uint64_t half_closed = 0;
    std::uint64_t leaked = 0;                         ///< of them
    std::uint64_t dead = 0;                           ///< beside them
    std::map<tracking::Cause, std::uint64_t> causes;  ///< of those in CLOSE-WAIT
    std::optional<tracking::Age> oldest;              ///< in CLOSE-WAIT, else of all
    /// Of owners with leaks, as in OwnerLeaks.
    std::optional<double> growth_per_hour;
    std::optional<DescriptorUse> descriptors;
    std::optional<std::chrono::seconds> time_left;

    bool operator==(const OwnerRow&) const = default;
};

/// Every owner: those with leaks first, in the order of owner_leaks(), then those with the most sockets.
std::vector<OwnerRow> owner_rows(const Snapshot& snapshot);

/// The same for who has owner_leaks() already: that is a pass over every socket.
std::vector<OwnerRow> owner_rows(const Snapshot& snapshot, const std::vector<OwnerLeaks>& all);

}  // namespace halfclosed::exporters
