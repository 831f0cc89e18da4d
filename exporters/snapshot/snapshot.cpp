#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

const Owner* Snapshot::owner(const SocketRecord& socket) const {
    if (const auto known = owners.find(socket.cookie); known != owners.end()) {
        return &known->second;
    }
    return socket.cgroup_id ? owner_of_cgroup(*socket.cgroup_id) : nullptr;
}

const Owner* Snapshot::owner_of_cgroup(std::uint64_t id) const {
    const auto known = cgroup_owners.find(id);
    return known == cgroup_owners.end() ? nullptr : &known->second;
}

const InterfaceNames& Snapshot::interfaces_of(const SocketRecord& socket) const {
    const auto known = namespaces.watched.find(socket.netns);
    return known == namespaces.watched.end() ? interfaces : known->second.interfaces;
}

}  // namespace halfclosed::exporters
