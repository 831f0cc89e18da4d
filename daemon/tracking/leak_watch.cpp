#include "tracking/leak_watch.h"

namespace halfclosed::tracking {

LeakChanges LeakWatch::observe(std::span<const TrackedSocket> sockets, Duration leak_after,
                               Instant now) {
    ++look_;
    LeakChanges changes;
    for (const TrackedSocket& socket : sockets) {
        if (socket.record.state != TcpState::close_wait || socket.age(now).value <= leak_after) {
            continue;
        }
        const auto [leak, is_new] = leaked_.try_emplace(socket.record.cookie);
        leak->second = {socket, look_};
        if (is_new) {
            changes.began.push_back(socket);
        }
    }
    for (auto leak = leaked_.begin(); leak != leaked_.end();) {
        if (leak->second.look == look_) {
            ++leak;
            continue;
        }
        changes.ended.push_back(leak->second.socket);
        leak = leaked_.erase(leak);
    }
    return changes;
}

}  // namespace halfclosed::tracking
