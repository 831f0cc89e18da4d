#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "host/cgroup_owners.h"
#include "host/process_view.h"
#include "host/socket_holders.h"
#include "observer/collector.h"
#include "tracking/changes.h"

namespace halfclosed {

/// Says whose the half-closed sockets are. The processes that hold a descriptor say it best, by their cgroup; that takes
/// a pass over /proc, which is dear and has a budget and a pace of its own. Where they are not known it is the cgroup in
/// which the socket was made, which each carries: cheap, and asked for at every poll. For a socket that waits for
/// accept() the holders are the listener's.
///
/// A holder may end, fork or hand on: those that are known are looked at again, and looked for anew, for as long as the
/// socket is asked about.
class SocketOwners {
 public:
    using Sockets = std::span<const tracking::TrackedSocket* const>;

    /// The LISTEN sockets of the watched ports.
    using Listeners = std::function<std::vector<SocketRecord>()>;

    /// One pass reads at most so much of /proc, and the next goes on from there: in small steps, which keep no poll
    /// waiting, while every socket has a holder. Who asks once and waits for the answer wants the whole of it.
    static constexpr host::PassBudget kBudget{std::chrono::milliseconds{500}, 1'000'000,
                                              std::chrono::milliseconds{50}};
    static constexpr host::PassBudget kWholeAnswer{std::chrono::seconds{10}, 20'000'000};

    /// As for a Collector.
    SocketOwners(std::chrono::nanoseconds interval, double share, DumpFailures& failures, bool log,
                 const host::PassBudget& budget = kBudget);

    /// As a Collector's, from the next pass on.
    void set_pace(std::chrono::nanoseconds interval, double share);

    /// Looks up the cgroups of these sockets, and of the leaks among the others.
    void look_up(Sockets sockets, const tracking::WithoutDetail& others, Instant now);

    /// Looks for the processes of these sockets, and of no others from now on, if that is due. `listeners` is called
    /// where one of them waits for accept().
    void find_processes(Sockets sockets, const Listeners& listeners, Instant now);

    /// These are about to be told: if one of them was not looked for yet, the next find_processes() does not wait until
    /// it is due. The look after it comes so much later: at most one is made ahead of its time.
    void hurry_for(Sockets sockets, Instant now);

    /// The CPU time of passes over /proc since the last call.
    std::chrono::nanoseconds take_pass_cpu() {
        return std::exchange(pass_cpu_, std::chrono::nanoseconds{0});
    }

    /// Adds what is known of the snapshot's sockets.
    void fill(exporters::Snapshot& snapshot) const;

    /// The processes that are known to hold the socket with this inode; null if none is.
    const std::vector<host::Holder>* holders(host::SocketInode inode) const;

    const Collector& owners() const { return owners_collector_; }
    const Collector& processes() const { return processes_collector_; }

 private:
    using Holders = std::unordered_map<host::SocketInode, std::vector<host::Holder>>;
    using Inodes = std::unordered_set<host::SocketInode>;

    void assign(Sockets sockets, const Listeners& listeners);
    void look(Instant now);
    void pass(const Inodes& wanted, Instant now);
    void pace();
    bool all_held() const { return without_holder(required_).empty(); }
    Inodes without_holder(const Inodes& wanted) const;
    std::vector<const host::Holder*> holders_of(Cookie cookie) const;

    std::optional<host::Owners> owners_;  ///< nothing if the tree of cgroups cannot be opened
    const host::PassBudget budget_;
    double share_ = 0;  ///< of one core, for passes of which a socket has need
    host::ProcessView view_;
    Collector owners_collector_;
    Collector processes_collector_;
    std::vector<std::uint64_t> cgroups_;  ///< of the last look_up()
    /// By which inodes the holders of a socket are found: its own, or those of its listeners.
    std::unordered_map<Cookie, std::vector<host::SocketInode>> inodes_;
    Inodes required_;  ///< those of sockets that somebody must hold
    Holders holders_;
    Holders found_;          ///< by the passes of the round under way, which may take several
    pid_t next_pid_ = 1;     ///< where the next pass goes on
    bool in_steps_ = false;  ///< the round under way has gone on in small steps
    host::Tables tables_ = host::Tables::one_a_process;  ///< that a round looks through
    std::string trouble_;  ///< why the last round that was complete left sockets without a process
    Instant next_look_{};
    bool hurried_ = false;  ///< the next look comes ahead of its time
    Instant next_round_{};  ///< when those that have holders are looked for anew
    std::chrono::nanoseconds pass_cpu_{0};
};

}  // namespace halfclosed
