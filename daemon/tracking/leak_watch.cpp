#include "tracking/leak_watch.h"

namespace halfclosed::tracking {

bool is_leaked(const TrackedSocket& socket, Duration leak_after, Instant now) {
    return socket.record.state == TcpState::close_wait && socket.cause != Cause::sending &&
           socket.idle(now) > leak_after;
}

LeakChanges LeakWatch::observe(std::span<const TrackedSocket> sockets,
                               std::span<const DeadSocket> dead, Duration leak_after, Instant now) {
    ++look_;
    LeakChanges changes;
    for (const TrackedSocket& socket : sockets) {
        const auto known = leaked_.find(socket.record.cookie);
        if (is_leaked(socket, leak_after, now)) {
            if (known == leaked_.end()) {
                changes.began.push_back(socket);
            }
            leaked_[socket.record.cookie] = {socket, look_};
        } else if (known != leaked_.end() && socket.record.state == TcpState::close_wait) {
            changes.resumed.push_back(socket);
            leaked_.erase(known);
        }
    }
    for (const DeadSocket& descriptor : dead) {
        const TrackedSocket& socket = descriptor.socket;
        const auto known = leaked_.find(socket.record.cookie);
        if (known == leaked_.end() && socket.idle(now) <= leak_after) {
            continue;
        }
        if (known == leaked_.end()) {
            changes.began.push_back(socket);
        } else if (known->second.socket.record.state != TcpState::close) {
            changes.died.push_back(socket);
        }
        leaked_[socket.record.cookie] = {socket, look_};
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
