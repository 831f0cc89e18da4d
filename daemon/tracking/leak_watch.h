#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "tracking/dead_sockets.h"
#include "tracking/tracked_socket.h"

namespace halfclosed::tracking {

/// Whether the socket leaks: in CLOSE-WAIT, and for longer than `leak_after` it has neither been
/// closed nor sent anything. Judged by the lower bound of its age.
bool is_leaked(const TrackedSocket& socket, Duration leak_after, Instant now);

/// What one look said about leaks. A dead socket is in state CLOSE.
struct LeakChanges {
    std::vector<TrackedSocket> began;    ///< leaks now, for the first time
    std::vector<TrackedSocket> died;     ///< was reset or ended, and its descriptor is still open
    std::vector<TrackedSocket> ended;    ///< as last seen; neither in CLOSE-WAIT nor dead any more
    std::vector<TrackedSocket> resumed;  ///< in CLOSE-WAIT still, and sending again

    bool operator==(const LeakChanges&) const = default;
};

/// Tells each leak once when it begins and once when it is over. A leak is a descriptor: it goes on
/// after its socket was reset. A machine without a clock.
class LeakWatch {
 public:
    /// `sockets` and `dead` are all that a complete look has; a look that failed must not be given.
    LeakChanges observe(std::span<const TrackedSocket> sockets, std::span<const DeadSocket> dead,
                        Duration leak_after, Instant now);

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
