#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// Remembers how many leaks and descriptors each owner had, and says how fast they grow. A machine without a clock.
class OwnerGrowthMemory {
 public:
    static constexpr std::chrono::hours kWindow{1};      ///< looks back so far
    static constexpr std::chrono::seconds kApart{60};    ///< samples are at least so far apart
    static constexpr std::chrono::minutes kShortest{1};  ///< a pace is not told from less
    static constexpr std::size_t kMostOwners = 200;      ///< others have no pace

    /// `snapshot` must be of a complete look.
    void observe(const Snapshot& snapshot);

    /// As Snapshot::growth wants it.
    std::map<std::string, OwnerGrowth> growth() const;

 private:
    struct Sample {
        Instant time;
        std::uint64_t sockets = 0;
        std::optional<DescriptorUse> descriptors;
    };

    std::map<std::string, std::deque<Sample>> owners_;  ///< the last sample is the latest look's
};

}  // namespace halfclosed::exporters
