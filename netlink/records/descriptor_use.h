#pragma once

#include <cstdint>

namespace halfclosed {

/// The file descriptors of a process: how many are open, and how many it may have (RLIMIT_NOFILE, the soft limit).
struct DescriptorUse {
    std::int32_t pid = 0;
    std::uint64_t used = 0;
    std::uint64_t limit = 0;

    /// How much of the limit is used; above 1 where the limit was lowered under what is open.
    double share() const {
        return limit == 0 ? 1 : static_cast<double>(used) / static_cast<double>(limit);
    }
    bool operator==(const DescriptorUse&) const = default;
};

}  // namespace halfclosed
