#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

const Owner* Snapshot::owner(const SocketRecord& socket) const {
    if (const auto known = owners.find(socket.cookie); known != owners.end()) {
        return &known->second;
    }
    if (!socket.cgroup_id) {
        return nullptr;
    }
    const auto known = cgroup_owners.find(*socket.cgroup_id);
    return known == cgroup_owners.end() ? nullptr : &known->second;
}

}  // namespace halfclosed::exporters
