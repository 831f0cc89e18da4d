#include "host/sockstat.h"
#include "observer/observer.h"

namespace halfclosed {

// What the observer has the namespaces count, and what their counts come to.

namespace {

tracking::PortCounts ports_of(const NamespaceWatch& watch) {
    return watch.counted() ? watch.counted()->totals.watched : tracking::PortCounts();
}

}  // namespace

void Observer::count_own() {
    netlink::Session& session = this->session();
    const LookTools tools = exact_tools(session, session.netns(), own_.tracker());
    const tracking::PortCounts before = ports_of(own_);
    own_.count_all(tools);
    choose_labels(own_, before);
    prove_exact(session, session.netns(), own_);
    own_.follow_counted(tools);
}

void Observer::count(Space& space, netlink::Session& session) {
    const Activity activity = read_activity();
    space.sockstat = activity.sockstat;
    system_.read_orphans(activity.sockstat.orphan);
    const auto& last = space.watch.counted();
    const auto waits = [](const auto& queue) { return queue.second.waiting > 0; };
    if (last && same_census(space.counted, activity) &&
        std::none_of(last->totals.accept_queues.begin(), last->totals.accept_queues.end(), waits)) {
        return;
    }
    begin_exact(&session, space.id, space.watch.tracker());
    count_all(space, session, activity);
}

void Observer::count_all(Space& space, netlink::Session& session, const Activity& activity) {
    space.counted.reset();
    other_events_.reset();
    const LookTools tools = exact_tools(session, space.id, space.watch.tracker());
    if (!activity.has_sockets() && space.watch.tracker().empty()) {
        space.watch.count_nothing();
    } else {
        const tracking::PortCounts before = ports_of(space.watch);
        const bool first = space.watch.events().empty();
        space.watch.count_all(tools);
        if (first) {
            space.events_before = space.watch.events();
        }
        choose_labels(space.watch, before);
        prove_exact(session, space.id, space.watch);
        space.watch.follow_counted(tools);
    }
    space.counted = activity;
}

/// Of all namespaces, ahead of the census of each.
void Observer::count_ports() {
    port_counts_ = {};
    for (const NamespaceWatch* watch : watches()) {
        if (labels_.every_port() && watch->counted()) {
            port_counts_.add(watch->counted()->totals.watched);
        }
    }
}

/// With every port watched those with the most sockets, in all namespaces together, have labels. `before` is what the
/// census before counted in this namespace.
void Observer::choose_labels(NamespaceWatch& counted, const tracking::PortCounts& before) {
    if (!labels_.every_port()) {
        return;
    }
    port_counts_.subtract(before);
    port_counts_.add(counted.counted()->totals.watched);
    if (!labels_.name_busiest(port_counts_)) {
        return;
    }
    own_.tracker().take_labels(labels_);
    for (auto& [inode, space] : others_.spaces()) {
        space.watch.tracker().take_labels(labels_);
    }
    take_labels();
}

/// What the last censuses of the namespaces come to.
void Observer::sum_census() {
    tracking::CensusCounts sum;
    for (const NamespaceWatch* watch : watches()) {
        if (watch->counted()) {
            sum.add(watch->counted()->totals);
        }
    }
    working_.census =
        exporters::Census{sum.watched.by_label(labels_), sum.accept_queues_by_label(labels_),
                          sum.unwatched, reconciliation(), conservation_};
}

tracking::Reconciliation Observer::reconciliation() {
    if (!settings_.all_namespaces) {
        return own_.counted()->reconciliation;
    }
    std::vector<tracking::SystemReconciler::Part> parts;
    for (const NamespaceWatch* watch : watches()) {
        if (watch->counted()) {
            parts.push_back({watch->counted()->reconciliation, watch->counted()->churn});
        }
    }
    system_.read_orphans(host::read_sockstat().orphan);
    if (!census_round_.complete()) {
        // Of a round that is under way there are sums; orphans are as the last whole round had them.
        tracking::Reconciliation sum = system_.sum(parts);
        if (whole_round_) {
            sum[tracking::Count::orphan] = reconciled_[tracking::Count::orphan];
        }
        return sum;
    }
    whole_round_ = true;
    reconciled_ = system_.judge(parts, view_.whole && others_.unreadable() == 0);
    return reconciled_;
}

}  // namespace halfclosed
