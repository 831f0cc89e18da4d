#include "exporters/snapshot/named_owners.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "exporters/snapshot/leaks.h"

namespace halfclosed::exporters {

namespace {

std::set<std::string> worst_owners(const std::map<std::string, std::uint64_t>& by_owner) {
    std::vector<std::pair<std::string, std::uint64_t>> ranked(by_owner.begin(), by_owner.end());
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::set<std::string> worst;
    for (const auto& [owner, sockets] : ranked) {
        if (worst.size() == kMaxLeakOwners) {
            break;
        }
        worst.insert(owner);
    }
    return worst;
}

}  // namespace

NamedOwners::NamedOwners(const Snapshot& snapshot) {
    std::map<std::string, std::uint64_t> by_owner;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (is_leaked(socket, snapshot)) {
            ++by_owner[owner_label(snapshot.owner(socket.record))];
        }
    }
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        ++by_owner[owner_label(snapshot.owner(dead.socket.record))];
    }
    for (const auto& [leak, sockets] : snapshot.without_detail.leaks) {
        by_owner[owner_label(snapshot.owner_of_cgroup(leak.cgroup_id))] += sockets;
    }
    // "unknown" is on every page, so it never takes the place of an owner with a name.
    by_owner.erase(kUnknownOwner);
    named_ = worst_owners(by_owner);
    for (const LeakKey& leak : snapshot.recent_leaks) {
        if (leak.owner != kOtherOwners && named_.size() < kMaxLeakOwners) {
            named_.insert(leak.owner);
        }
    }
}

}  // namespace halfclosed::exporters
