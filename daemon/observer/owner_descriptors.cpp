#include "observer/owner_descriptors.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "exporters/snapshot/leaks.h"
#include "host/descriptor_use.h"

namespace halfclosed {

namespace {

/// A process, and whose it is: how many leaked sockets it has.
using Leaking = std::map<std::pair<std::int32_t, std::string>, std::uint64_t>;

Leaking leaking_processes(const exporters::Snapshot& snapshot) {
    Leaking leaking;
    const auto add = [&](const SocketRecord& socket) {
        if (const Owner* const owner = snapshot.owner(socket)) {
            for (const Process& process : owner->processes) {
                ++leaking[{process.pid, owner->name}];
            }
        }
    };
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (exporters::is_leaked(socket, snapshot)) {
            add(socket.record);
        }
    }
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        add(dead.socket.record);
    }
    return leaking;
}

}  // namespace

void OwnerDescriptors::fill(exporters::Snapshot& snapshot) {
    if (snapshot.instant >= next_look_) {
        look(snapshot);
        next_look_ = snapshot.instant + pause_;
    }
    snapshot.descriptors = known_;
}

void OwnerDescriptors::look(const exporters::Snapshot& snapshot) {
    known_.clear();
    const Leaking leaking = leaking_processes(snapshot);
    std::vector<std::pair<std::uint64_t, std::pair<std::int32_t, std::string>>> ranked;
    for (const auto& [process, sockets] : leaking) {
        ranked.emplace_back(sockets, process);
    }
    std::sort(ranked.rbegin(), ranked.rend());
    ranked.resize(std::min(ranked.size(), kMostProcesses));
    for (const auto& [sockets, process] : ranked) {
        const auto& [pid, owner] = process;
        const auto use = host::read_descriptor_use(pid);
        const auto known = known_.find(owner);
        if (use && (known == known_.end() || known->second.share() < use->share())) {
            known_.insert_or_assign(owner, *use);
        }
    }
}

}  // namespace halfclosed
