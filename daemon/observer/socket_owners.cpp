#include "observer/socket_owners.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "observer/holder_owner.h"
#include "observer/listener_match.h"
#include "posix/error.h"

namespace halfclosed {

namespace {

/// How long a socket's list of holders may lack one that has come to it.
constexpr std::chrono::seconds kRoundPause{15};

/// Whoever wants looks without a bound does not want a pass over /proc with each.
constexpr double kMostForPasses = 0.05;

bool has_process(const tracking::TrackedSocket& socket) {
    return socket.custody == tracking::Custody::process && socket.record.inode != 0;
}

std::string sockets_have(std::size_t count) {
    return count == 1 ? "1 socket has" : fmt::format("{} sockets have", count);
}

}  // namespace

SocketOwners::SocketOwners(std::chrono::nanoseconds interval, double share, DumpFailures& failures,
                           bool log, const host::PassBudget& budget)
    : budget_(budget),
      share_(std::min(share, kMostForPasses)),
      owners_collector_("owners", interval, share, failures, log),
      processes_collector_("processes", interval, share_, failures, log) {
    try {
        view_ = host::read_process_view();
    } catch (const posix::Error& error) {
        view_ = {false, error.what(), "a /proc", error.what()};
    }
    processes_collector_.allow(view_.whole);
}

void SocketOwners::set_pace(std::chrono::nanoseconds interval, double share) {
    owners_collector_.set_pace(interval, share);
    share_ = std::min(share, kMostForPasses);
    processes_collector_.set_pace(interval, share_);
    pace();
}

/// While nothing is missing half of the share is enough.
void SocketOwners::pace() {
    processes_collector_.set_share(all_held() ? share_ / 2 : share_);
}

void SocketOwners::look_up(Sockets sockets, const tracking::WithoutDetail& others, Instant now) {
    std::unordered_map<std::uint64_t, std::uint64_t> counts;
    for (const tracking::TrackedSocket* socket : sockets) {
        if (socket->record.cgroup_id) {
            ++counts[*socket->record.cgroup_id];
        }
    }
    for (const auto& [leak, count] : others.leaks) {
        if (leak.cgroup_id != 0) {
            counts[leak.cgroup_id] += count;
        }
    }
    // Of more than can be looked up those with the most sockets are named.
    cgroups_.clear();
    for (const auto& [id, count] : counts) {
        cgroups_.push_back(id);
    }
    std::sort(cgroups_.begin(), cgroups_.end(), [&counts](std::uint64_t a, std::uint64_t b) {
        return std::pair(counts[b], a) < std::pair(counts[a], b);
    });
    owners_collector_.run([&] {
        if (cgroups_.empty() && !owners_) {
            return;
        }
        if (!owners_) {
            try {
                owners_.emplace();
            } catch (const host::NotVisible&) {
                owners_collector_.allow(false);
                throw;
            }
            owners_collector_.allow(owners_->sees_all());
        }
        owners_->look_up(cgroups_, now.time_since_epoch());
        if (const std::size_t hidden = owners_->not_visible()) {
            throw posix::Error(
                "cgroups",
                fmt::format("{} that sockets were made in cannot be seen from here: the host's "
                            "cgroup namespace and its whole cgroup2 mount show them",
                            hidden));
        }
    });
}

void SocketOwners::find_processes(Sockets sockets, const Listeners& listeners, Instant now) {
    const bool hurried = std::exchange(hurried_, false);
    if (now < next_look_ && !hurried) {
        return;
    }
    processes_collector_.run([&] {
        assign(sockets, listeners);
        look(now);
    });
    pace();
    next_look_ = std::max(now, next_look_) + processes_collector_.interval();
    pass_cpu_ += processes_collector_.cpu();
}

void SocketOwners::hurry_for(Sockets sockets, Instant now) {
    hurried_ =
        next_look_ - now <= processes_collector_.interval() &&
        std::any_of(sockets.begin(), sockets.end(), [this](const tracking::TrackedSocket* socket) {
            return (has_process(*socket) || socket->custody == tracking::Custody::accept_queue) &&
                   !inodes_.contains(socket->record.cookie);
        });
}

void SocketOwners::assign(Sockets sockets, const Listeners& listeners) {
    inodes_.clear();
    required_.clear();
    std::optional<ListenerMatch> match;
    for (const tracking::TrackedSocket* each : sockets) {
        const tracking::TrackedSocket& socket = *each;
        if (has_process(socket)) {
            inodes_[socket.record.cookie] = {socket.record.inode};
        } else if (socket.custody == tracking::Custody::accept_queue) {
            if (!match) {
                match.emplace(listeners());
            }
            inodes_[socket.record.cookie] = match->inodes_of(socket.record);
        }
        // One that is in no table any more may be closed, and of one that is shut down in both directions close() may be
        // under way (SO_LINGER): nobody needs to hold them.
        constexpr std::uint8_t kBothDirections = 3;
        if (socket.record.state != TcpState::close && socket.record.shutdown != kBothDirections) {
            const std::vector<host::SocketInode>& inodes = inodes_[socket.record.cookie];
            required_.insert(inodes.begin(), inodes.end());
        }
    }
}

void SocketOwners::look(Instant now) {
    Inodes wanted;
    for (const auto& [cookie, inodes] : inodes_) {
        wanted.insert(inodes.begin(), inodes.end());
    }
    // Who has ended, or closed it, is not shown any more.
    host::HolderCheck check;
    for (auto& [inode, holders] : holders_) {
        std::erase_if(holders, [&check, inode = inode](const host::Holder& holder) {
            return !check.still_holds(holder, inode);
        });
    }
    std::erase_if(holders_, [&wanted](const auto& entry) {
        return entry.second.empty() || !wanted.contains(entry.first);
    });
    if (wanted.empty()) {
        found_.clear();
        next_pid_ = 1;
        tables_ = host::Tables::one_a_process;
        trouble_.clear();
        return;
    }
    if (in_steps_ && !all_held()) {
        // Who holds it may be one of those that the round has been at.
        next_pid_ = 1;
        found_.clear();
        in_steps_ = false;
    }
    const bool round_under_way = next_pid_ != 1;
    if (round_under_way || now >= next_round_ || !without_holder(wanted).empty()) {
        pass(wanted, now);
        // What nobody seems to hold may be in a table that a thread keeps to itself.
        const bool all = !all_held();
        if (next_pid_ == 1 && all && tables_ == host::Tables::one_a_process) {
            tables_ = host::Tables::all;
            pass(wanted, now);
        } else if (next_pid_ == 1 && !all) {
            tables_ = host::Tables::one_a_process;
        }
    }
    if (!trouble_.empty() && !all_held()) {
        throw posix::Error("/proc/PID/fd", trouble_);
    }
}

void SocketOwners::pass(const Inodes& wanted, Instant now) {
    host::PassBudget budget = budget_;
    if (all_held()) {
        in_steps_ = true;
    } else {
        budget.step = std::chrono::nanoseconds::max();
    }
    host::Holders found = host::find_holders(wanted, budget, next_pid_, "/proc", tables_);
    for (auto& [inode, holders] : found.by_inode) {
        std::vector<host::Holder>& shown = holders_[inode];
        for (const host::Holder& holder : holders) {
            if (std::find(shown.begin(), shown.end(), holder) == shown.end()) {
                shown.push_back(holder);
            }
        }
        std::vector<host::Holder>& round = found_[inode];
        round.insert(round.end(), holders.begin(), holders.end());
    }
    if (!found.complete()) {
        next_pid_ = found.next;
        return;
    }
    next_pid_ = 1;
    in_steps_ = false;
    next_round_ = now + kRoundPause;
    holders_ = std::exchange(found_, {});
    trouble_.clear();
    const std::size_t missed = without_holder(required_).size();
    if (missed > 0 && !view_.whole) {
        trouble_ = fmt::format("{}; {} no process that can be seen: this may need {}", view_.limit,
                               sockets_have(missed), view_.remedy);
    } else if (missed > 0 && found.unreadable > 0) {
        trouble_ = fmt::format(
            "process {} is shielded (by a security module, or by a capability that "
            "it has beyond ours); {} no process that can be seen",
            found.first_unreadable, sockets_have(missed));
    }
}

SocketOwners::Inodes SocketOwners::without_holder(const Inodes& wanted) const {
    Inodes missing;
    std::copy_if(wanted.begin(), wanted.end(), std::inserter(missing, missing.end()),
                 [this](host::SocketInode inode) { return !holders_.contains(inode); });
    return missing;
}

/// Each process once, with its lowest descriptor.
std::vector<const host::Holder*> SocketOwners::holders_of(Cookie cookie) const {
    std::vector<const host::Holder*> holders;
    const auto inodes = inodes_.find(cookie);
    if (inodes == inodes_.end()) {
        return holders;
    }
    for (const host::SocketInode inode : inodes->second) {
        const auto known = holders_.find(inode);
        if (known == holders_.end()) {
            continue;
        }
        for (const host::Holder& holder : known->second) {
            holders.push_back(&holder);
        }
    }
    std::sort(holders.begin(), holders.end(), [](const host::Holder* a, const host::Holder* b) {
        return std::pair(a->pid, static_cast<unsigned>(a->descriptor)) <
               std::pair(b->pid, static_cast<unsigned>(b->descriptor));
    });
    holders.erase(
        std::unique(holders.begin(), holders.end(),
                    [](const host::Holder* a, const host::Holder* b) { return a->pid == b->pid; }),
        holders.end());
    return holders;
}

const std::vector<host::Holder>* SocketOwners::holders(host::SocketInode inode) const {
    const auto known = holders_.find(inode);
    return known == holders_.end() ? nullptr : &known->second;
}

void SocketOwners::fill(exporters::Snapshot& snapshot) const {
    for (const std::uint64_t id : cgroups_) {
        if (const Owner* owner = owners_ ? owners_->find(id) : nullptr) {
            snapshot.cgroup_owners.emplace(id, *owner);
        }
    }
    const auto add = [&](const tracking::TrackedSocket& socket) {
        const std::vector<const host::Holder*> holders = holders_of(socket.record.cookie);
        if (!holders.empty()) {
            snapshot.owners.emplace(socket.record.cookie,
                                    owner_of(holders, snapshot.owner(socket.record)));
        }
    };
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        add(socket);
    }
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        add(dead.socket);
    }
}

}  // namespace halfclosed
