#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "host/netstat.h"
#include "host/not_visible.h"
#include "host/sockstat.h"
#include "host/sysctl.h"
#include "observer/descriptor_check.h"
#include "observer/now.h"
#include "observer/observer.h"
#include "posix/error.h"

namespace halfclosed {

// What the observer has the namespaces asked, and what their answers come to.

namespace {

/// What the gets of one look may cost: a fifth of what a poll may, so that a burst does not stretch the interval.
std::chrono::nanoseconds get_budget(const Observer::Settings& settings) {
    const std::chrono::duration<double> budget = settings.interval * (settings.cpu_share / 10);
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
    namespaces_.allow(view_.unlisted.empty() || !settings_.all_namespaces);
    namespaces_.run([this] {
        others_.discover(labels_, [this](Space& space) { forget(space); });
        if (settings_.all_namespaces && !view_.unlisted.empty()) {
            throw host::NotVisible("network namespaces", view_.unlisted);
        }
    });
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
    other_events_.reset();
}

void Observer::visit_others(OtherNamespaces::Round& round,
                            void (Observer::*look)(Space&, netlink::Session&),
                            const OtherNamespaces::Skip& skip) {
    if (!settings_.all_namespaces) {
        return;
    }
    others_.visit(
        round, settings_.slice,
        [this, look](Space& space, netlink::Session& session) { (this->*look)(space, session); },
        [this](const std::string& reason) { ++failures_[reason]; }, labels_,
        [this](Space& space) { forget(space); }, skip);
}

/// Where the kernel has told which sockets are half-closed they are asked for with every poll.
void Observer::look_at_known() {
    visit_others(known_round_, &Observer::look_at, [this](const Space& space) {
        return !asks_for_known(space.id) || passes_over(space);
    });
}

/// Elsewhere something may have to be looked for in the one table of all namespaces. That has a pace and a share of its own:
/// it keeps no poll waiting.
void Observer::walk_others() {
    if (!settings_.all_namespaces || now() < walks_due_) {
        return;
    }
    const Instant start = now();
    walks_.run([this] {
        visit_others(walk_round_, &Observer::look_at,
                     [this](const Space& space) { return asks_for_known(space.id); });
    });
    walks_due_ = start + walks_.interval();
    if (walk_round_.complete()) {
        walked_all_ = true;
        recalled_.clear();
    }
}

void Observer::look_at(Space& space, netlink::Session& session) {
    const Activity activity = read_activity();
    space.sockstat = activity.sockstat;
    const std::optional<Activity> before = std::exchange(space.looked, std::nullopt);
    tracking::Tracker& tracker = space.watch.tracker();
    if (!before) {
        begin_exact(&session, space.id, tracker);
        if (activity.has_sockets()) {
            tracker.recall(recalled_);
        }
    }
    const bool walks = asks_for_known(space.id) || tracker.has_others() ||
                       needs_walk(before, activity, tracker.in_detail());
    if (walks && (!before || may_have_minisocks(space.id))) {
        if (const auto timeout = host::read_fin_timeout()) {
            tracker.set_fin_timeout(*timeout);
        }
    }
    const bool no_traffic = without_traffic(before, activity);
    const auto tools = [&] {
        LookTools result = exact_tools(session, space.id, tracker);
        result.estab_resets = activity.estab_resets;
        result.same_mptcp = no_traffic;
        return result;
    };
    if (walks && !before && !space.counted) {
        count_all(space, session, activity);  // one walk for both
        with_exact([&](ExactCounting& exact) { exact.forget_found(space.id); });
    } else if (walks) {
        space.watch.look_at_closing(tools());
    } else {
        space.watch.look_again(tools());
        if (!activity.has_sockets() && counts_exactly(space.id)) {
            with_exact(
                [&](ExactCounting& exact) { exact.note_walked(space.id, {}, tracker.watch()); });
        }
    }
    space.looked = activity;
    space.watch.name_interfaces();
    if (!tracker.empty()) {
        if (!no_traffic || space.tracks_connections) {
            space.tracks_connections = translations_.tracked_here();
        }
        if (space.tracks_connections) {
            translations_.ask(tracker.sockets(), space.id, translation_bounds(), now());
        }
    }
}

AddressTranslations::Bounds Observer::translation_bounds() const {
    // A connection that is over within a second is not asked for, unless there is no later look.
    constexpr std::size_t kMost = 100;
    const bool once = settings_.most_gets == std::numeric_limits<std::size_t>::max();
    return {once ? settings_.most_gets : kMost,
            once ? Duration::zero() : Duration(std::chrono::seconds{1})};
}

/// The other ends of connections whose addresses our own namespace translates.
void Observer::translate() {
    if (session_) {
        if (!working_.sockets.empty() && translations_.tracked_here()) {
            translations_.ask(working_.sockets, session_->netns(), translation_bounds(), now());
        }
        translations_.keep(working_.sockets);
    }
}

void Observer::look_at_own() {
    netlink::Session& session = this->session();
    LookTools tools = exact_tools(session, session.netns(), own_.tracker());
    if (own_tcp_) {  // of a moment ago: what was reset since counts as meanwhile
        tools.mptcp_was_used = own_tcp_->mptcp_was_used;
        if (const auto resets = own_tcp_->events.find("EstabResets");
            resets != own_tcp_->events.end()) {
            tools.estab_resets = resets->second;
        }
    }
    own_.look_at_closing(tools);
}

void Observer::read_kernel_files() {
    working_.kernel.sockstat.reset();
    sockstat_.run([this] { working_.kernel.sockstat = host::read_sockstat(); });
    working_.kernel.events.reset();
    own_tcp_.reset();
    events_.run([this] {
        own_tcp_ = host::read_tcp();
        working_.kernel.events = own_tcp_->events;
    });
    if (now() >= sysctls_due_) {
        working_.kernel.sysctls = {};
        sysctls_.run([this] { read_sysctls(); });
        sysctls_due_ = now() + sysctls_.interval();
    }
}

void Observer::read_sysctls() {
    try {
        working_.kernel.sysctls = host::read_tcp_sysctls();
    } catch (const host::NotVisible&) {
        sysctls_.allow(false);
        throw;
    }
    if (const auto timeout = working_.kernel.sysctls.fin_timeout) {
        own_.tracker().set_fin_timeout(*timeout);
    }
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
        for (const auto& [event, count] : other_events()) {
            (*sum)[event] += count;
        }
    }
}

/// Of the other namespaces, since each was first counted. Only a census of one changes it, or its end.
const TcpEventCounts& Observer::other_events() {
    if (!other_events_) {
        other_events_ = ended_events_;
        for (const auto& [inode, space] : others_.spaces()) {
            for (const auto& [event, count] : space.watch.events()) {
                const auto before = space.events_before.find(event);
                (*other_events_)[event] +=
                    count - (before == space.events_before.end() ? 0 : before->second);
            }
        }
    }
    return *other_events_;
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
        const std::vector<tracking::DescriptorQuestion> some =
            watch->tracker().descriptors_to_check();
        all.insert(all.end(), some.begin(), some.end());
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
        if (space.watch.tracker().has_descriptors_to_check()) {
            space.watch.confirm_descriptors(answers, teller(space.id));
        }
    }
}

}  // namespace halfclosed
