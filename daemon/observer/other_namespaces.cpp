#include "observer/other_namespaces.h"

#include <algorithm>

#include "host/namespace_visit.h"
#include "host/owner.h"
#include "netlink/error.h"
#include "posix/clock.h"
#include "posix/error.h"

namespace halfclosed {

namespace {

/// A container, pod or machine names its namespace better than the file that its runtime has for it; anything else does
/// not: `ip netns exec` runs in the unit of whoever calls it.
std::optional<std::string> name_of(const host::NetworkNamespace& place) {
    const std::optional<std::string> owner = host::common_owner(place.processes);
    return (owner && host::is_contained(*owner)) || !place.mount ? owner : place.mount;
}

}  // namespace

void OtherNamespaces::discover(const tracking::WatchedPorts& watched, const Ended& ended) {
    const host::NamespaceInode own = host::own_network_namespace();
    host::NetworkNamespaces found = host::find_network_namespaces();
    hidden_ = found.unreadable;
    stale_ = false;
    for (auto space = spaces_.begin(); space != spaces_.end();) {
        if (found.by_inode.contains(space->first)) {
            ++space;
            continue;
        }
        ended(space->second);
        space = spaces_.erase(space);
    }
    for (auto& [inode, place] : found.by_inode) {
        if (inode == own) {
            continue;
        }
        const auto [space, is_new] = spaces_.try_emplace(inode, watched, bounds_);
        if (is_new || space->second.place.mount != place.mount ||
            (!space->second.name && space->second.place != place)) {
            space->second.name = name_of(place);
        }
        space->second.place = std::move(place);
    }
}

void OtherNamespaces::visit(Round& round, std::chrono::nanoseconds most_cpu,
                            const std::function<void(Space&, netlink::Session&)>& look,
                            const std::function<void(const std::string& reason)>& failed,
                            const tracking::WatchedPorts& watched, const Ended& ended,
                            const Skip& skip) {
    const std::chrono::nanoseconds start = posix::thread_cpu_time();
    ++round.now_;
    for (auto space = spaces_.lower_bound(round.next_); space != spaces_.end(); ++space) {
        if (posix::thread_cpu_time() - start >= most_cpu) {
            round.next_ = space->first;
            round.polls_ = std::max(round.polls_, round.now_);
            return;
        }
        if (skip && skip(space->second)) {
            continue;
        }
        std::string& trouble = space->second.trouble;
        try {
            enter(space->second, space->first, look, watched, ended);
            trouble.clear();
        } catch (const netlink::Error& error) {
            failed(netlink::name(error.reason()));
            trouble = error.what();
        } catch (const posix::Error& error) {
            trouble = error.what();
        }
    }
    round.next_ = 0;
    round.polls_ = std::exchange(round.now_, 0);
}

void OtherNamespaces::enter(Space& space, host::NamespaceInode inode,
                            const std::function<void(Space&, netlink::Session&)>& look,
                            const tracking::WatchedPorts& watched, const Ended& ended) {
    bool forbidden = false;
    const posix::Descriptor target = host::open_namespace(space.place.ways, inode, forbidden);
    if (!target) {
        if (forbidden) {
            throw posix::Error(space.place.ways.front(), "Permission denied");
        }
        stale_ = true;  // it has ended, or the ways into it have
        return;
    }
    const host::NamespaceVisit visit(target);
    if (!session_) {
        session_.emplace();
    }
    session_->enter_namespace();
    struct Leave {
        netlink::Session& session;
        ~Leave() { session.leave_namespace(); }
    } const leave{*session_};
    if (space.id != session_->netns()) {
        if (space.id != NamespaceId{}) {
            // The kernel has given the inode to another since.
            ended(space);
            host::NetworkNamespace place = std::move(space.place);
            space = Space(watched, bounds_);
            space.name = name_of(place);
            space.place = std::move(place);
        }
        space.id = session_->netns();
    }
    look(space, *session_);
}

std::size_t OtherNamespaces::readable() const {
    return static_cast<std::size_t>(std::count_if(
        spaces_.begin(), spaces_.end(), [](const auto& space) { return space.second.readable(); }));
}

std::string OtherNamespaces::trouble() const {
    for (const auto& [inode, space] : spaces_) {
        if (!space.trouble.empty()) {
            return space.trouble;
        }
    }
    return {};
}

}  // namespace halfclosed
