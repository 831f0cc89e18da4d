#include <algorithm>
#include <iterator>
#include <utility>

#include "host/netstat.h"
#include "host/sockstat.h"
#include "host/sysctl.h"
#include "observer/descriptor_check.h"
#include "observer/observer.h"
#include "posix/clock.h"
#include "posix/error.h"

namespace halfclosed {

// What the observer has the namespaces asked, and what their answers come to.

namespace {

Instant now() {
    return Instant{posix::monotonic_clock_now()};
}

/// What the gets of one look may cost: a third of what a poll may, so that a burst does not stretch the interval.
std::chrono::nanoseconds get_budget(const Observer::Settings& settings) {
    const std::chrono::duration<double> budget = settings.interval * (settings.cpu_share / 6);
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::min<std::chrono::duration<double>>(budget, std::chrono::hours{1}));
}

}  // namespace

/// Opened when it is needed: if there is no sock_diag the observer stays, blind, and tries again.
netlink::Session& Observer::session() {
    if (!session_) {
        session_.emplace();
    }
    return *session_;
}

LookTools Observer::tools(netlink::Session& session, NamespaceId space) {
    return {session,
            teller(space),
            dump_,
            settings_.most_gets,
            get_budget(settings_),
            settings_.leak_after,
            {},
            settings_.see_established};
}

/// Which other namespaces there are. Where they are not watched it is enough to know that from time to time.
void Observer::discover() {
    if (now() < discover_due_ && !others_.stale()) {
        return;
    }
    namespaces_.run([this] { others_.discover(labels_, [this](Space& space) { forget(space); }); });
    cpu_.poll += namespaces_.cpu();
    discover_due_ = now() + namespaces_.interval();
}

/// It has ended: nobody closed its sockets.
void Observer::forget(Space& space) {
    teller(space.id)(space.watch.tracker().abandon(now()));
    with_exact([&](ExactCounting& exact) { exact.end(space.id, now()); });
    for (const auto& [event, count] : space.watch.events()) {
        ended_events_[event] += count - space.events_before[event];
    }
}

/// Whether that completed a round.
bool Observer::visit_others(OtherNamespaces::Round& round,
                            void (Observer::*look)(Space&, netlink::Session&),
                            const OtherNamespaces::Skip& skip) {
    if (!settings_.all_namespaces) {
        return true;
    }
    others_.visit(
        round, settings_.slice,
        [this, look](Space& space, netlink::Session& session) { (this->*look)(space, session); },
        [this](const std::string& reason) { ++failures_[reason]; }, labels_,
        [this](Space& space) { forget(space); }, skip);
    return round.complete();
}

/// What is kept in detail is bounded for all namespaces together.
void Observer::share_detail(tracking::Tracker& tracker) {
    std::size_t elsewhere = 0;
    for (const NamespaceWatch* watch : watches()) {
        elsewhere += &watch->tracker() == &tracker ? 0 : watch->tracker().in_detail();
    }
    tracker.keep_in_detail(settings_.max_sockets - std::min(settings_.max_sockets, elsewhere));
}

void Observer::look_at(Space& space, netlink::Session& session) {
    const Activity activity = read_activity();
    space.sockstat = activity.sockstat;
    const std::optional<Activity> before = std::exchange(space.looked, std::nullopt);
    tracking::Tracker& tracker = space.watch.tracker();
    share_detail(tracker);
    if (!before) {
        tracker.recall(recalled_);
        begin_exact(&session, space.id, tracker);
    }
    const LookTools tools = exact_tools(session, space.id, tracker);
    if (asks_for_known(space.id) || tracker.has_others() ||
        needs_walk(before, activity, tracker.in_detail())) {
        if (const auto timeout = host::read_tcp_sysctls().fin_timeout) {
            tracker.set_fin_timeout(*timeout);
        }
        space.watch.look_at_closing(tools);
    } else {
        space.watch.look_again(tools);
        if (!activity.has_sockets() && counts_exactly(space.id)) {
            with_exact(
                [&](ExactCounting& exact) { exact.note_walked(space.id, {}, tracker.watch()); });
        }
    }
    space.looked = activity;
    space.watch.name_interfaces(tracker.sockets(), tracker.dead_sockets());
}

void Observer::look_at_own() {
    share_detail(own_.tracker());
    netlink::Session& session = this->session();
    own_.look_at_closing(exact_tools(session, session.netns(), own_.tracker()));
}

void Observer::count_own() {
    netlink::Session& session = this->session();
    const LookTools tools = exact_tools(session, session.netns(), own_.tracker());
    own_.count_all(tools);
    choose_labels();
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
    space.counted.reset();
    begin_exact(&session, space.id, space.watch.tracker());
    const LookTools tools = exact_tools(session, space.id, space.watch.tracker());
    if (!activity.has_sockets() && space.watch.tracker().empty()) {
        space.watch.count_nothing();
    } else {
        const bool first = space.watch.events().empty();
        space.watch.count_all(tools);
        if (first) {
            space.events_before = space.watch.events();
        }
        choose_labels();
        prove_exact(session, space.id, space.watch);
        space.watch.follow_counted(tools);
    }
    space.counted = activity;
}

/// With every port watched those with the most sockets, in all namespaces together, have labels.
void Observer::choose_labels() {
    if (!labels_.every_port()) {
        return;
    }
    tracking::PortCounts counts;
    for (const NamespaceWatch* watch : watches()) {
        if (watch->counted()) {
            counts.add(watch->counted()->totals.watched);
        }
    }
    if (!labels_.name_busiest(counts)) {
        return;
    }
    own_.tracker().take_labels(labels_);
    for (auto& [inode, space] : others_.spaces()) {
        space.watch.tracker().take_labels(labels_);
    }
    take_labels();
}

void Observer::read_kernel_files() {
    working_.kernel = {};
    sockstat_.run([this] { working_.kernel.sockstat = host::read_sockstat(); });
    events_.run([this] { working_.kernel.events = host::tcp_events(host::read_counters()); });
    sysctls_.run([this] {
        working_.kernel.sysctls = host::read_tcp_sysctls();
        if (const auto timeout = working_.kernel.sysctls.fin_timeout) {
            own_.tracker().set_fin_timeout(*timeout);
        }
    });
}

/// What the other namespaces' kernel counts add to our own.
void Observer::add_other_counts() {
    if (!settings_.all_namespaces) {
        return;
    }
    if (auto& sum = working_.kernel.sockstat) {
        for (const auto& [inode, space] : others_.spaces()) {
            if (space.readable() && space.sockstat) {
                sum->sockets_used += space.sockstat->sockets_used;
                sum->inuse += space.sockstat->inuse;
                if (space.sockstat->inuse6) {
                    sum->inuse6 = sum->inuse6.value_or(0) + *space.sockstat->inuse6;
                }
                sum->tw += space.sockstat->tw;
            }
        }
    }
    if (auto& sum = working_.kernel.events) {
        for (const auto& [event, count] : ended_events_) {
            (*sum)[event] += count;
        }
        for (auto& [inode, space] : others_.spaces()) {
            for (const auto& [event, count] : space.watch.events()) {
                (*sum)[event] += count - space.events_before[event];
            }
        }
    }
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
    reconciled_ = system_.judge(parts, sees_all_processes_ && others_.unreadable() == 0);
    return reconciled_;
}

bool Observer::has_descriptors_to_check() const {
    const std::vector<const NamespaceWatch*> all = watches();
    return std::any_of(all.begin(), all.end(), [](const NamespaceWatch* watch) {
        return watch->tracker().has_descriptors_to_check();
    });
}

std::vector<tracking::DescriptorQuestion> Observer::descriptors_to_check() const {
    std::vector<tracking::DescriptorQuestion> all;
    for (const NamespaceWatch* watch : watches()) {
        std::vector<tracking::DescriptorQuestion> some = watch->tracker().descriptors_to_check();
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    return all;
}

/// Gone from the kernel's tables is not closed: the descriptor may be open still.
void Observer::check_descriptors() {
    const std::vector<tracking::DescriptorQuestion> questions = descriptors_to_check();
    if (questions.empty()) {
        return;
    }
    // The kernel's programs know of every descriptor; who else is looked at is looked at in /proc.
    std::vector<tracking::DescriptorQuestion> others;
    std::vector<tracking::DescriptorAnswer> answers = ask_exact(questions, others);
    if (!others.empty()) {
        const auto more = halfclosed::check_descriptors(others, socket_owners_);
        answers.insert(answers.end(), more.begin(), more.end());
    }
    own_.confirm_descriptors(answers, tell_);
    for (auto& [inode, space] : others_.spaces()) {
        space.watch.confirm_descriptors(answers, teller(space.id));
    }
}

}  // namespace halfclosed
