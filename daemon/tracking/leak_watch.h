#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "tracking/tracker.h"

namespace halfclosed::tracking {

/// What one look said about leaks.
struct LeakChanges {
    std::vector<TrackedSocket>
        began;  ///< longer in CLOSE-WAIT than the threshold, for the first time
    std::vector<TrackedSocket> ended;  ///< as last seen; no longer in CLOSE-WAIT

    bool operator==(const LeakChanges&) const = default;
};

/// Tells each leak once when it begins and once when it is over. A machine without a clock.
class LeakWatch {
 public:
    /// `sockets` are all that a complete look has; a look that failed must not be given.
    LeakChanges observe(std::span<const TrackedSocket> sockets, Duration leak_after, Instant now);

    std::size_t size() const { return leaked_.size(); }

 private:
    struct Leak {
        TrackedSocket socket;
        std::uint64_t look = 0;
    };
    std::unordered_map<Cookie, Leak> leaked_;
    std::uint64_t look_ = 0;
};

}  // namespace halfclosed::tracking
