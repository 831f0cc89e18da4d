#include "exporters/snapshot/half_closed.h"

#include <algorithm>
#include <tuple>

namespace halfclosed::exporters {

std::vector<const tracking::TrackedSocket*> half_closed_sockets(const Snapshot& snapshot) {
    std::vector<const tracking::TrackedSocket*> sockets;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (kHalfClosedStates.contains(socket.record.state)) {
            sockets.push_back(&socket);
        }
    }
    return sockets;
}

bool older(const tracking::TrackedSocket* a, const tracking::TrackedSocket* b) {
    return std::tie(a->since, a->record.cookie) < std::tie(b->since, b->record.cookie);
}

std::vector<const tracking::TrackedSocket*> oldest_first(const Snapshot& snapshot) {
    std::vector<const tracking::TrackedSocket*> sockets = half_closed_sockets(snapshot);
    std::sort(sockets.begin(), sockets.end(), &older);
    return sockets;
}

std::optional<std::chrono::milliseconds> expires(const tracking::TrackedSocket& socket) {
    const Timer& timer = socket.record.timer;
    return socket.custody == tracking::Custody::timewait && timer.kind == Timer::Kind::timewait
               ? std::optional(timer.expires)
               : std::nullopt;
}

std::vector<const tracking::DeadSocket*> dead_first(const Snapshot& snapshot) {
    std::vector<const tracking::DeadSocket*> sockets;
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        sockets.push_back(&dead);
    }
    std::sort(sockets.begin(), sockets.end(), [](const auto* a, const auto* b) {
        return std::tie(a->since, a->socket.record.cookie) <
               std::tie(b->since, b->socket.record.cookie);
    });
    return sockets;
}

}  // namespace halfclosed::exporters
