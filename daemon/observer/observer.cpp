#include "observer/observer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "host/netstat.h"
#include "host/sockstat.h"
#include "host/sysctl.h"
#include "posix/clock.h"
#include "tracking/census.h"

namespace halfclosed {

namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Exact gets that one look may make, 10 to 20 µs each: what is left is asked for in the next one.
constexpr std::size_t kMostGets = 1'000;

Instant now() {
    return Instant{posix::boot_clock_now()};
}

tracking::KernelCounts kernel_counts(const host::Sockstat& sockstat) {
    return {sockstat.inuse, sockstat.inuse6.value_or(0), sockstat.orphan, sockstat.tw};
}

exporters::Sockstat facts(const host::Sockstat& sockstat) {
    return {sockstat.inuse, sockstat.inuse6, sockstat.orphan,
            sockstat.tw,    sockstat.alloc,  sockstat.mem_pages};
}

}  // namespace

Observer::Observer(const Settings& settings)
    : settings_(settings),
      tracker_(tracking::WatchedPorts(settings.ports)),
      failures_(no_dump_failures()),
      closing_("closing", settings.interval, settings.cpu_share / 2, failures_, settings.log),
      census_("census", settings.census_interval, settings.cpu_share / 2, failures_, settings.log),
      sockstat_("sockstat", settings.interval, settings.cpu_share, failures_, settings.log),
      events_("events", settings.interval, settings.cpu_share, failures_, settings.log),
      sysctls_("sysctls", settings.interval, settings.cpu_share, failures_, settings.log),
      socket_owners_(settings.interval, settings.cpu_share / 2, failures_, settings.log) {
    working_.build = settings.build;
    working_.port_labels = tracker_.watch().labels();
    working_.counters = tracking::EventCounters(working_.port_labels.size());
    working_.leak_after = settings.leak_after;
}

void Observer::reconfigure(const Settings& settings) {
    settings_ = settings;
    tracking::WatchedPorts watch(settings.ports);
    working_.counters.relabel(working_.port_labels, watch.labels());
    working_.port_labels = watch.labels();
    working_.leak_after = settings.leak_after;
    working_.census.reset();
    tracker_.watch_other(std::move(watch));
    closing_.set_pace(settings.interval, settings.cpu_share / 2);
    census_.set_pace(settings.census_interval, settings.cpu_share / 2);
    refresh();
}

void Observer::poll() {
    read_kernel_files();
    closing_.run([this] { look_at_closing(); });
    refresh();
    attribute();
}

void Observer::take_census() {
    if (!census_.run([this] { look_at_all(); })) {
        working_.census.reset();
    }
    refresh();
}

/// What the tracker knows now, unless the closing poll failed: then there is no answer, not an answer of none.
void Observer::refresh() {
    working_.time = std::chrono::system_clock::now();
    working_.instant = now();
    working_.sockets.clear();
    working_.closing.reset();
    if (!closing_.health().success) {
        return;
    }
    working_.sockets = tracker_.sockets();
    working_.closing.emplace(working_.port_labels.size());
    for (const tracking::TrackedSocket& socket : working_.sockets) {
        working_.closing->add(socket.watched, socket.record.state, socket.custody);
    }
}

void Observer::attribute() {
    socket_owners_.look_up(working_.sockets, working_.instant);
    switch (settings_.processes) {
        case Processes::none:
            break;
        case Processes::of_all:
            socket_owners_.find_processes(working_.sockets, working_.instant);
            break;
        case Processes::of_leaks: {
            std::vector<tracking::TrackedSocket> leaks;
            std::copy_if(working_.sockets.begin(), working_.sockets.end(),
                         std::back_inserter(leaks), [this](const tracking::TrackedSocket& socket) {
                             return socket.cause &&
                                    socket.age(working_.instant).value > settings_.leak_after;
                         });
            socket_owners_.find_processes(leaks, working_.instant);
            break;
        }
    }
}

void Observer::look_at_closing() {
    netlink::Query query{kHalfClosedStates, tracker_.watch().ports()};
    if (settings_.see_established) {
        query.states = StateSet(kHalfClosedStates, {TcpState::established, TcpState::time_wait});
    }
    dump_.clear();
    const Instant asked = now();
    session_.dump(query, [this](const SocketRecord& record) { dump_.push_back(record); });
    note(tracker_.observe(dump_, asked));
    settle();
    date_old_sockets();
}

void Observer::look_at_all() {
    // sockstat before and after: what was counted in between must lie between the two.
    const host::Sockstat before = host::read_sockstat();
    tracking::Census census(tracker_.watch());
    const Instant asked = now();
    session_.dump({}, [&census](const SocketRecord& record) { census.add(record); });
    const host::Sockstat after = host::read_sockstat();

    // First what came of those that were established before, then who is established now.
    note(tracker_.observe(census.followed(), asked));
    tracker_.remember_established(census.take_established());
    settle();
    date_old_sockets();

    working_.census = exporters::Census{
        census.socket_counts(), census.accept_queues(),
        reconciler_.judge(kernel_counts(before), census.counts(), kernel_counts(after))};
}

void Observer::read_kernel_files() {
    working_.kernel = {};
    sockstat_.run([this] { working_.kernel.sockstat = facts(host::read_sockstat()); });
    events_.run([this] { working_.kernel.events = host::tcp_events(host::read_counters()); });
    sysctls_.run([this] {
        const host::TcpSysctls sysctls = host::read_tcp_sysctls();
        working_.kernel.tcp_fin_timeout = sysctls.fin_timeout;
        working_.kernel.tcp_max_orphans = sysctls.max_orphans;
        working_.kernel.tcp_max_tw_buckets = sysctls.max_tw_buckets;
        if (sysctls.fin_timeout) {
            tracker_.set_fin_timeout(*sysctls.fin_timeout);
        }
    });
}

/// Asks the kernel for each socket that the dump should have had.
void Observer::settle() {
    std::vector<SocketIdentity> missing = tracker_.missing();
    missing.resize(std::min(missing.size(), kMostGets));
    std::vector<tracking::Confirmation> answers;
    for (const SocketIdentity& socket : missing) {
        const auto found = session_.get(socket);
        answers.push_back({socket.cookie, found ? std::optional(found->record) : std::nullopt});
    }
    note(tracker_.confirm(answers, now()));
}

void Observer::date_old_sockets() {
    std::vector<SocketIdentity> undated = tracker_.undated();
    undated.resize(std::min(undated.size(), kMostGets));
    for (const SocketIdentity& socket : undated) {
        if (const auto found = session_.get(socket, true)) {
            const auto timeout = working_.kernel.tcp_fin_timeout.value_or(seconds{60});
            tracker_.date(socket.cookie,
                          tracking::estimate_age(found->record, found->info, timeout), now());
        }
    }
}

void Observer::note(const tracking::Changes& changes) {
    working_.counters.add(changes);
    if (sink_ && !(changes.transitions.empty() && changes.endings.empty())) {
        sink_(changes, std::chrono::system_clock::now());
    }
}

bool Observer::complete() const {
    return closing_.health().last_success && census_.health().last_success;
}

bool Observer::reconciled() const {
    if (!working_.census || !working_.census->reconciliation) {
        return false;
    }
    const tracking::Reconciliation& fields = *working_.census->reconciliation;
    return fields.inuse.within && fields.inuse6.within && fields.orphan.within && fields.tw.within;
}

std::shared_ptr<const exporters::Snapshot> Observer::snapshot() const {
    auto snapshot = std::make_shared<exporters::Snapshot>(working_);
    socket_owners_.fill(*snapshot);
    snapshot->collectors = {closing_.health(), census_.health(),  sockstat_.health(),
                            events_.health(),  sysctls_.health(), socket_owners_.owners().health()};
    if (settings_.processes != Processes::none) {
        snapshot->collectors.push_back(socket_owners_.processes().health());
    }
    snapshot->dump_failures = failures_;
    snapshot->dump_failures[netlink::name(netlink::Reason::foreign_sender)] +=
        session_.foreign_datagrams();
    // Three polls late is not the present any more.
    snapshot->fresh_for = std::max<nanoseconds>(seconds{30}, 3 * closing_.interval());
    return snapshot;
}

}  // namespace halfclosed
