#include <algorithm>
#include <iterator>
#include <utility>

#include "host/process_metrics.h"
#include "netlink/error.h"
#include "observer/observer.h"
#include "posix/clock.h"

namespace halfclosed {

// What the observer's looks come to, as one value.

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// What the trackers know now, unless the closing poll failed: then there is no answer, not an answer of none.
void Observer::refresh() {
    working_.time = std::chrono::system_clock::now();
    working_.instant = Instant{posix::monotonic_clock_now()};
    working_.sockets.clear();
    working_.dead.clear();
    working_.closing.reset();
    working_.without_detail = tracking::WithoutDetail();
    if (!closing_.health().success) {
        return;
    }
    working_.sockets = own_.tracker().sockets();
    working_.dead = own_.tracker().dead_sockets();
    own_.name_interfaces();
    working_.without_detail.counts = tracking::SocketCounts(working_.port_labels.size());
    for (const NamespaceWatch* watch : watches()) {
        working_.without_detail.add(
            watch->tracker().without_detail(working_.leak_after, working_.instant));
        if (watch != &own_) {
            std::vector<tracking::TrackedSocket> sockets = watch->tracker().sockets();
            std::move(sockets.begin(), sockets.end(), std::back_inserter(working_.sockets));
            std::vector<tracking::DeadSocket> dead = watch->tracker().dead_sockets();
            std::move(dead.begin(), dead.end(), std::back_inserter(working_.dead));
        }
    }
    working_.closing = working_.without_detail.counts;
    for (const tracking::TrackedSocket& socket : working_.sockets) {
        working_.closing->add(socket.watched, socket.record.state, socket.custody);
    }
}

bool Observer::complete() const {
    return closing_.health().last_success && census_.health().last_success;
}

bool Observer::reconciled() const {
    if (!working_.census || !working_.census->reconciliation) {
        return false;
    }
    const auto& counts = working_.census->reconciliation->values;
    return std::all_of(counts.begin(), counts.end(),
                       [](const tracking::Reconciled& count) { return count.within; });
}

exporters::Namespaces Observer::namespaces() const {
    exporters::Namespaces result;
    result.all = settings_.all_namespaces;
    if (session_) {
        result.own = session_->netns();
        result.watched[result.own] = {std::nullopt, own_.interfaces()};
    }
    result.hidden = view_.unlisted;
    if (!result.all) {
        // None that is seen says nothing where there may be some that are not.
        if (namespaces_.health().success && (view_.unlisted.empty() || others_.known() > 0)) {
            result.not_watched = others_.known();
        }
        return result;
    }
    for (const auto& [inode, space] : others_.spaces()) {
        if (space.readable()) {
            result.watched[space.id] = {space.name, space.watch.interfaces()};
        }
    }
    result.unreadable = others_.unreadable();
    result.trouble = others_.trouble();
    return result;
}

exporters::Snapshot Observer::take_snapshot() {
    std::vector<tracking::TrackedSocket> sockets = std::exchange(working_.sockets, {});
    exporters::Snapshot snapshot = working_;
    snapshot.sockets = std::move(sockets);
    snapshot.namespaces = namespaces();
    snapshot.translations = translations_.known();
    socket_owners_.fill(snapshot);
    if (settings_.processes != Processes::none) {
        owner_descriptors_.fill(snapshot);
    }
    // What was asked of it is asked. `= {}` would keep the memory.
    dump_ = std::vector<SocketRecord>();
    snapshot.process = host::read_process_metrics();
    snapshot.collectors = {closing_.health(),   census_.health(),  sockstat_.health(),
                           events_.health(),    sysctls_.health(), socket_owners_.owners().health(),
                           namespaces_.health()};
    // A round through all namespaces may take several polls.
    snapshot.collectors[0].interval *= known_round_.polls();
    snapshot.collectors[1].interval *= census_round_.polls();
    if (settings_.all_namespaces) {
        snapshot.collectors.push_back(walks_.health());
        snapshot.collectors.back().interval *= walk_round_.polls();
    }
    if (settings_.processes != Processes::none) {
        snapshot.collectors.push_back(socket_owners_.processes().health());
    }
    snapshot.dump_failures = failures_;
    snapshot.dump_failures[netlink::name(netlink::Reason::foreign_sender)] +=
        (session_ ? session_->foreign_datagrams() : 0) + others_.foreign_datagrams();
    // Three polls late is not the present any more.
    snapshot.fresh_for = std::max<nanoseconds>(seconds{30}, 3 * closing_.interval());
    return snapshot;
}

}  // namespace halfclosed
