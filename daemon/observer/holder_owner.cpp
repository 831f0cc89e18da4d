#include "observer/holder_owner.h"

#include <algorithm>
#include <tuple>

#include "host/owner.h"

namespace halfclosed {

namespace {

/// Of several holders the one whose name the socket goes by: not the service manager, which keeps the listening sockets
/// of its services; the one that made it, if it holds it still; else the one that runs longest.
const host::Holder& principal(const std::vector<const host::Holder*>& holders, const Owner* maker) {
    const auto rank = [maker](const host::Holder* holder) {
        const bool made_it = maker != nullptr && maker->cgroup == holder->cgroup;
        return std::tuple(holder->pid == 1, !made_it, holder->started, holder->pid);
    };
    return **std::min_element(
        holders.begin(), holders.end(),
        [&rank](const host::Holder* a, const host::Holder* b) { return rank(a) < rank(b); });
}

}  // namespace

Owner owner_of(const std::vector<const host::Holder*>& holders, const Owner* maker) {
    const host::Holder& holder = principal(holders, maker);
    Owner owner = host::owner_of(holder.cgroup);
    if (owner.name == kUnknownOwner && maker != nullptr) {
        owner = *maker;
    } else if (holder.cgroup.empty()) {
        owner.cgroup.reset();
    }
    for (const host::Holder* each : holders) {
        owner.processes.push_back({each->pid, each->comm, each->descriptor});
    }
    return owner;
}

}  // namespace halfclosed
