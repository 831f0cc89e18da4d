#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "records/instant.h"

namespace halfclosed::exporters {

struct Snapshot;

/// TCP sockets that the kernel has allocated and that are in no table of this namespace: not connected yet, of another
/// namespace, or reset while their descriptor stays open. Where descriptors may not be looked at, that their number grows
/// is all that can be known of the last kind.
struct Unaccounted {
    std::uint64_t sockets = 0;
    std::uint64_t growth = 0;  ///< above the least of the last hour
    Duration over{0};          ///< since when that was

    bool operator==(const Unaccounted&) const = default;
};

/// Remembers the least of the last hour. A machine without a clock.
class UnaccountedMemory {
 public:
    static constexpr std::chrono::hours kWindow{1};
    static constexpr std::chrono::minutes kApart{1};

    /// Nothing where sockstat was not read.
    std::optional<Unaccounted> observe(const Snapshot& snapshot);

 private:
    struct Sample {
        Instant time;
        std::uint64_t sockets = 0;
    };
    std::deque<Sample> samples_;  ///< kApart apart, but for the last
};

/// What to say of it: only where it has grown by kMany, the processes that hold sockets may not be looked at, and no other
/// network namespace is known whose connections it may be (alloc is the system's, inuse a namespace's); empty otherwise.
std::string unaccounted_sentence(const Snapshot& snapshot);

inline constexpr std::uint64_t kMany = 10;

}  // namespace halfclosed::exporters
