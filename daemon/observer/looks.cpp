#include <algorithm>
#include <utility>

#include "host/netstat.h"
#include "host/sockstat.h"
#include "host/sysctl.h"
#include "observer/observer.h"
#include "posix/clock.h"
#include "posix/error.h"
#include "tracking/census.h"

namespace halfclosed {

// What the observer asks the kernel, and hands to the tracker.

namespace {

/// Gets of tcp_info that one look of a daemon may make to see who still sends.
constexpr std::size_t kMostSenderGets = 200;

/// Gets that are made whatever they cost: of sockets that are missing, of old ones, of such as may be sending.
constexpr std::size_t kFewestGets = 100;

Instant now() {
    return Instant{posix::monotonic_clock_now()};
}

/// What the gets of one look may cost: a third of what a poll may, so that a burst does not stretch the interval.
std::chrono::nanoseconds get_budget(const Observer::Settings& settings) {
    const std::chrono::duration<double> budget = settings.interval * (settings.cpu_share / 6);
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::min<std::chrono::duration<double>>(budget, std::chrono::hours{1}));
}

std::optional<std::uint64_t> estab_resets() {
    try {
        return host::read_estab_resets();
    } catch (const posix::Error&) {
        return std::nullopt;
    }
}

/// Without them the bracket is narrower, that is all: who fails for it is the collector that shows them.
host::Counters counters_if_any() {
    try {
        return host::read_counters();
    } catch (const posix::Error&) {
        return {};
    }
}

tracking::Churn churn_between(const host::Counters& before, const host::Counters& after) {
    const auto growth = [&](const char* counter) -> std::uint64_t {
        const auto first = before.find(counter);
        const auto second = after.find(counter);
        return first == before.end() || second == after.end() ? 0 : second->second - first->second;
    };
    return {growth("Tcp.ActiveOpens") + growth("Tcp.PassiveOpens"),
            growth("TcpExt.TW") + growth("TcpExt.TWKilled")};
}

}  // namespace

/// Opened when it is needed: if there is no sock_diag the observer stays, blind, and tries again.
netlink::Session& Observer::session() {
    if (!session_) {
        session_.emplace();
    }
    return *session_;
}

void Observer::look_at_closing() {
    // Who listens decides the side, and is in a small hash of its own.
    netlink::Query query{StateSet(kHalfClosedStates, {TcpState::listen}), tracker_.watch().ports()};
    if (settings_.see_established) {
        query.states = StateSet(query.states, {TcpState::established, TcpState::time_wait});
    }
    dump_.clear();
    dump_.reserve(room_for_dump_);
    std::vector<ExactSocket> known = read_exact();
    const auto resets = estab_resets();
    const Instant asked = now();
    dump_closing(query, std::move(known));
    resets_before_ = std::exchange(resets_, resets);
    tracker_.learn_listeners(dump_, asked);
    note(tracker_.observe(dump_, asked));
    room_for_dump_ = dump_.size() + dump_.size() / 8;
    settle();
    date_old_sockets();
}

void Observer::look_at_all() {
    dump_ = {};  // the census has the same again
    // sockstat before and after: what was counted in between must lie between the two.
    const host::Counters counters_before = counters_if_any();
    const Sockstat before = host::read_sockstat();
    read_exact();
    const auto resets = estab_resets();
    const Instant asked = now();
    with_exact([](ExactCounting& exact) { exact.begin_census(); });
    tracking::Census census(tracker_.watch(), asked);
    census.expect(room_for_census_);
    session().dump_with_mptcp({}, [&census](const SocketRecord& record) { census.add(record); });
    resets_before_ = std::exchange(resets_, resets);
    const Sockstat after = host::read_sockstat();
    const tracking::Churn churn = churn_between(counters_before, counters_if_any());

    const bool renamed = census.name_busiest();
    working_.census =
        exporters::Census{census.socket_counts(), census.accept_queues(), census.unwatched(),
                          reconciler_.judge(tracking::kernel_counts(before), census.counts(),
                                            tracking::kernel_counts(after), churn),
                          std::nullopt};
    room_for_census_ = census.followed().size() + census.followed().size() / 8;
    tracker_.learn(census.take_watch());
    prove_exact(census.followed());
    if (renamed) {
        take_labels();
    }

    // First what came of those that were established before, then who is established now.
    note(tracker_.observe(census.followed(), asked));
    tracker_.remember_established(census.take_established());
    settle();
    date_old_sockets();
}

void Observer::read_kernel_files() {
    working_.kernel = {};
    sockstat_.run([this] { working_.kernel.sockstat = host::read_sockstat(); });
    events_.run([this] { working_.kernel.events = host::tcp_events(host::read_counters()); });
    sysctls_.run([this] {
        working_.kernel.sysctls = host::read_tcp_sysctls();
        if (const auto timeout = working_.kernel.sysctls.fin_timeout) {
            tracker_.set_fin_timeout(*timeout);
        }
    });
}

/// Whether the look under way may ask for one more socket.
bool Observer::may_get() {
    return ++gets_ <= kFewestGets || posix::thread_cpu_time() < gets_end_;
}

/// Asks the kernel for each socket that the dump should have had.
void Observer::settle() {
    gets_ = 0;
    gets_end_ = posix::thread_cpu_time() + get_budget(settings_);
    std::vector<tracking::Confirmation> answers;
    for (const SocketIdentity& socket : tracker_.missing(settings_.most_gets)) {
        if (!may_get()) {
            break;
        }
        const auto found = session().get(socket);
        answers.push_back({socket.cookie, found ? std::optional(found->record) : std::nullopt});
    }
    // The counter is read after the answers: what reset a socket that is gone by then has moved it.
    tracking::Resets resets = tracking::Resets::not_known;
    if (resets_before_ && tracker_.misses_close_wait()) {
        if (const auto after = estab_resets()) {
            resets = after == resets_before_ ? tracking::Resets::none : tracking::Resets::some;
        }
    }
    note(tracker_.confirm(answers, now(), resets));
}

void Observer::date_old_sockets() {
    gets_ = 0;
    std::vector<SocketIdentity> undated = tracker_.undated();
    undated.resize(std::min(undated.size(), settings_.most_gets));
    for (const SocketIdentity& socket : undated) {
        if (!may_get()) {
            break;
        }
        const auto found = session().get(socket, true);
        if (!found) {
            continue;
        }
        tracker_.date(socket.cookie, tracking::estimate_age(found->record, found->info), now());
        if (found->info) {
            tracker_.note_sending(socket.cookie, *found->info, now());
        }
    }
    look_for_senders();
}

/// A half-close on purpose is no leak: what is about to become one is asked whether it sends.
void Observer::look_for_senders() {
    gets_ = 0;
    std::vector<SocketIdentity> sockets = tracker_.perhaps_sending(settings_.leak_after / 2);
    sockets.resize(std::min({sockets.size(), settings_.most_gets, kMostSenderGets}));
    for (const SocketIdentity& socket : sockets) {
        if (!may_get()) {
            break;
        }
        const auto found = session().get(socket, true);
        if (found && found->info) {
            tracker_.note_sending(socket.cookie, *found->info, now());
        }
    }
}

}  // namespace halfclosed
