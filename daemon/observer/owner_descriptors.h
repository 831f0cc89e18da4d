#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed {

/// Counts the descriptors of processes that hold leaked sockets: a leak ends with the limit.
class OwnerDescriptors {
 public:
    /// A look is at most so many processes, those with the most leaks.
    static constexpr std::size_t kMostProcesses = 256;

    /// `pause` is the least time between two looks.
    explicit OwnerDescriptors(std::chrono::nanoseconds pause) : pause_(pause) {}

    /// Fills Snapshot::descriptors, of the last look that was due. Owners and processes must be filled already.
    void fill(exporters::Snapshot& snapshot);

 private:
    void look(const exporters::Snapshot& snapshot);

    std::chrono::nanoseconds pause_;
    Instant next_look_{};
    std::map<std::string, DescriptorUse> known_;
};

}  // namespace halfclosed
