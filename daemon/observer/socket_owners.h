#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "host/cgroup_owners.h"
#include "host/socket_holders.h"
#include "observer/collector.h"
#include "tracking/tracker.h"

namespace halfclosed {

/// Says whose the half-closed sockets are: the unit by the cgroup that each carries, which is cheap and asked for at
/// every poll; the processes by a pass over /proc, which is dear and has a budget and a pace of its own.
class SocketOwners {
 public:
    /// As for a Collector.
    SocketOwners(std::chrono::nanoseconds interval, double share, DumpFailures& failures, bool log);

    /// Looks up the cgroups of these sockets.
    void look_up(std::span<const tracking::TrackedSocket> sockets, Instant now);

    /// Looks for the processes of those that have none yet, if the next pass is due.
    void find_processes(std::span<const tracking::TrackedSocket> sockets, Instant now);

    /// Adds what is known of the snapshot's sockets.
    void fill(exporters::Snapshot& snapshot) const;

    /// The processes that are known to hold the socket with this inode; null if none is.
    const std::vector<host::Holder>* holders(host::SocketInode inode) const;

    const Collector& owners() const { return owners_collector_; }
    const Collector& processes() const { return processes_collector_; }

 private:
    void pass(const std::unordered_set<host::SocketInode>& wanted);

    std::optional<host::Owners> owners_;  ///< nothing where the tree of cgroups cannot be opened
    Collector owners_collector_;
    Collector processes_collector_;
    std::unordered_set<std::uint64_t> cgroups_;  ///< of the last look_up()
    std::unordered_map<host::SocketInode, std::vector<host::Holder>> holders_;
    Instant next_pass_{};
    pid_t next_pid_ = 1;
};

}  // namespace halfclosed
