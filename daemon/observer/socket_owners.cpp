#include "observer/socket_owners.h"

#include <fmt/format.h>

#include "posix/clock.h"
#include "records/owner.h"

namespace halfclosed {

namespace {

/// One pass reads at most so much of /proc; the next goes on from there.
constexpr host::PassBudget kBudget{std::chrono::milliseconds{500}, 1'000'000};

exporters::Owner public_owner(const host::Owner& owner) {
    exporters::Owner result;
    result.unit = owner.unit;
    result.cgroup = owner.cgroup;
    result.container = owner.container;
    return result;
}

bool has_process(const tracking::TrackedSocket& socket) {
    return socket.custody == tracking::Custody::process && socket.record.inode != 0;
}

}  // namespace

SocketOwners::SocketOwners(std::chrono::nanoseconds interval, double share, DumpFailures& failures,
                           bool log)
    : owners_collector_("owners", interval, share, failures, log),
      processes_collector_("processes", interval, share, failures, log) {
}

void SocketOwners::look_up(std::span<const tracking::TrackedSocket> sockets, Instant now) {
    cgroups_.clear();
    for (const tracking::TrackedSocket& socket : sockets) {
        if (socket.record.cgroup_id) {
            cgroups_.insert(*socket.record.cgroup_id);
        }
    }
    owners_collector_.run([&] {
        if (!owners_) {
            owners_.emplace();
        }
        const std::vector<host::CgroupId> ids(cgroups_.begin(), cgroups_.end());
        owners_->look_up(ids, now.time_since_epoch());
    });
}

void SocketOwners::find_processes(std::span<const tracking::TrackedSocket> sockets, Instant now) {
    std::unordered_map<host::SocketInode, std::vector<host::Holder>> known;
    std::unordered_set<host::SocketInode> wanted;
    for (const tracking::TrackedSocket& socket : sockets) {
        if (!has_process(socket)) {
            continue;
        }
        if (auto holders = holders_.extract(socket.record.inode)) {
            known.insert(std::move(holders));
        } else {
            wanted.insert(socket.record.inode);
        }
    }
    holders_ = std::move(known);
    // Without anything to look for there is nothing that could fail.
    if (wanted.empty()) {
        processes_collector_.run([] {});
    } else if (now >= next_pass_) {
        processes_collector_.run([&] { pass(wanted); });
        next_pass_ = now + processes_collector_.interval();
    }
}

void SocketOwners::pass(const std::unordered_set<host::SocketInode>& wanted) {
    host::Holders found = host::find_holders(wanted, kBudget, next_pid_);
    next_pid_ = found.complete() ? 1 : found.next;
    const std::size_t missed = wanted.size() - found.by_inode.size();
    holders_.merge(found.by_inode);
    if (missed > 0 && found.unreadable > 0) {
        throw posix::Error(
            "/proc/*/fd",
            fmt::format("the descriptors of other users' processes take CAP_SYS_PTRACE and "
                        "CAP_DAC_READ_SEARCH; {} sockets have no process",
                        missed));
    }
}

const std::vector<host::Holder>* SocketOwners::holders(host::SocketInode inode) const {
    const auto known = holders_.find(inode);
    return known == holders_.end() ? nullptr : &known->second;
}

void SocketOwners::fill(exporters::Snapshot& snapshot) const {
    for (const std::uint64_t id : cgroups_) {
        if (const host::Owner* owner = owners_ ? owners_->find(id) : nullptr) {
            snapshot.cgroup_owners.emplace(id, public_owner(*owner));
        }
    }
    if (holders_.empty()) {
        return;
    }
    std::vector<const tracking::TrackedSocket*> sockets;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        sockets.push_back(&socket);
    }
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        sockets.push_back(&dead.socket);
    }
    for (const tracking::TrackedSocket* socket : sockets) {
        const auto holders =
            has_process(*socket) ? holders_.find(socket->record.inode) : holders_.end();
        if (holders == holders_.end()) {
            continue;
        }
        const exporters::Owner* known = snapshot.owner(socket->record);
        exporters::Owner owner = known == nullptr ? exporters::Owner{} : *known;
        for (const host::Holder& holder : holders->second) {
            owner.processes.push_back({holder.pid, holder.process.comm});
        }
        snapshot.owners.emplace(socket->record.cookie, std::move(owner));
    }
}

}  // namespace halfclosed
