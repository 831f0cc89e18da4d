#include "observer/namespace_watch.h"

#include <algorithm>
#include <string>

#include "host/interface_names.h"
#include "host/kernel_release.h"
#include "host/netstat.h"
#include "host/sockstat.h"
#include "observer/now.h"
#include "posix/clock.h"
#include "posix/error.h"

namespace halfclosed {

namespace {

/// Records that a look has address space for: only what it fills becomes memory. A vector that grew by doubling would hold
/// three times as much for a moment.
constexpr std::size_t kRoom = 262'144;

/// Gets of tcp_info that one look of a daemon may make to see who still sends.
constexpr std::size_t kMostSenderGets = 200;

/// Listeners whose processes may be looked for, as the holders of what waits for accept().
constexpr std::size_t kMostListeners = 16'384;

/// Gets that are made whatever they cost: of sockets that are missing, of old ones, of such as may be sending.
constexpr std::size_t kFewestGets = 100;

std::optional<std::uint64_t> estab_resets() {
    try {
        return host::read_estab_resets();
    } catch (const posix::Error&) {
        return std::nullopt;
    }
}

/// What cannot be read says nothing against it.
bool may_have_mptcp() {
    try {
        return host::mptcp_was_used();
    } catch (const posix::Error&) {
        return true;
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

/// Since the namespace was made; nothing if that could not be read.
std::optional<tracking::Churn> churn_until(const host::Counters& counters) {
    if (counters.empty()) {
        return std::nullopt;
    }
    const auto count = [&](const char* counter) -> std::uint64_t {
        const auto found = counters.find(counter);
        return found == counters.end() ? 0 : found->second;
    };
    return tracking::Churn{count("Tcp.ActiveOpens") + count("Tcp.PassiveOpens"),
                           count("TcpExt.TW") + count("TcpExt.TWKilled")};
}

/// Minisocks that came between two readings, as far as a kernel tells that counts them when they end.
std::uint64_t minisocks_that_came(const Sockstat& before, const Sockstat& after) {
    return after.tw > before.tw ? after.tw - before.tw : 0;
}

tracking::Churn growth(const std::optional<tracking::Churn>& before,
                       const std::optional<tracking::Churn>& after) {
    if (!before || !after) {
        return {};
    }
    return {after->opened - before->opened, after->minisocks - before->minisocks};
}

}  // namespace

void NamespaceWatch::look_at_closing(const LookTools& tools) {
    // Who listens decides the side, and is in a small hash of its own.
    netlink::Query query{StateSet(kHalfClosedStates, {TcpState::listen}), tracker_.watch().ports()};
    if (tools.see_established) {
        query.states = StateSet(query.states, {TcpState::established, TcpState::time_wait});
    }
    tools.dump.clear();
    tools.dump.reserve(kRoom);
    if (tools.mptcp_was_used) {
        may_have_mptcp_ = tools.mptcp_was_used;
    } else if (!may_have_mptcp_ || !tools.same_mptcp) {
        may_have_mptcp_ = may_have_mptcp();
    }
    tools.session.expect_mptcp(*may_have_mptcp_);
    const auto resets = tools.estab_resets ? tools.estab_resets : estab_resets();
    const Instant asked = now();
    if (tools.dump_closing) {
        tools.dump_closing(query);
    } else {
        tools.session.dump_with_mptcp(
            query, [&tools](const SocketRecord& record) { tools.dump.push_back(record); });
    }
    resets_before_ = std::exchange(resets_, resets);
    listeners_.clear();
    for (const SocketRecord& record : tools.dump) {
        keep_listener(record);
    }
    tracker_.learn_listeners(tools.dump, asked);
    take(tools, asked);
}

/// If it is one, of a watched port.
void NamespaceWatch::keep_listener(const SocketRecord& record) {
    const std::vector<PortRange>& ports = tracker_.watch().ports();
    const auto has_it = [&record](const PortRange& range) {
        return range.contains(record.local.port);
    };
    if (record.state == TcpState::listen && listeners_.size() < kMostListeners &&
        (ports.empty() || std::any_of(ports.begin(), ports.end(), has_it))) {
        listeners_.push_back(record);
    }
}

void NamespaceWatch::look_again(const LookTools& tools) {
    const std::vector<SocketIdentity> followed = tracker_.half_closed();
    if (!tools.same_mptcp) {
        may_have_mptcp_.reset();
    }
    tools.dump.clear();
    // Where nothing is followed nothing can go missing that the counter would say something about.
    const auto resets = followed.empty()     ? std::nullopt
                        : tools.estab_resets ? tools.estab_resets
                                             : estab_resets();
    const Instant asked = now();
    tools.session.get_each(
        followed, false,
        [&tools](const SocketIdentity&, const std::optional<netlink::DecodedSocket>& found) {
            if (found) {
                tools.dump.push_back(found->record);
            }
        });
    resets_before_ = std::exchange(resets_, resets);
    take(tools, asked);
}

void NamespaceWatch::take(const LookTools& tools, Instant asked) {
    tools.tell(tracker_.observe(tools.dump, asked, tools.tell));
    settle(tools);
    date_old_sockets(tools);
}

void NamespaceWatch::count_all(const LookTools& tools) {
    // The census has the same again. `= {}` would keep the memory.
    tools.dump = std::vector<SocketRecord>();
    counted_.reset();
    // sockstat before and after: what was counted in between must lie between the two.
    const auto churn_before = churn_until(counters_if_any());
    const Sockstat before = host::read_sockstat();
    const auto resets = estab_resets();
    census_asked_ = now();
    tracking::Census census(tracker_.watch(), census_asked_);
    census.expect(kRoom);
    tools.session.expect_mptcp(true);
    listeners_.clear();
    tools.session.dump_with_mptcp({}, [&](const SocketRecord& record) {
        census.add(record);
        keep_listener(record);
    });
    resets_before_ = std::exchange(resets_, resets);
    const Sockstat after = host::read_sockstat();
    const host::Counters counters = counters_if_any();
    const auto churn = churn_until(counters);
    tracking::Churn meanwhile = growth(churn_before, churn);
    if (!host::counts_new_minisocks()) {
        meanwhile.minisocks += minisocks_that_came(before, after);
    }
    counted_ = Counted{census.totals(),
                       reconciler_.judge(tracking::kernel_counts(before), census.counts(),
                                         tracking::kernel_counts(after), meanwhile),
                       growth(churn_ ? churn_ : churn_before, churn), census.has_mptcp()};
    churn_ = churn;
    if (!counters.empty()) {  // no answer: what was counted stands
        events_ = host::tcp_events(counters);
    }
    tracker_.learn(census.take_watch());
    census_ = std::move(census);
}

void NamespaceWatch::follow_counted(const LookTools& tools) {
    tracking::Census census = std::move(census_).value();
    census_.reset();
    // First what came of those that were established before, then who is established now.
    tools.tell(tracker_.observe(census.followed(), census_asked_, tools.tell));
    tracker_.remember_established(census.take_established());
    settle(tools);
    date_old_sockets(tools);
}

void NamespaceWatch::name_interfaces() {
    interfaces_.clear();
    for (const std::uint32_t index : tracker_.interfaces()) {
        interfaces_[index] = host::interface_name(index).value_or(std::to_string(index));
    }
}

void NamespaceWatch::confirm_descriptors(std::span<const tracking::DescriptorAnswer> answers,
                                         const TellChanges& tell) {
    tell(tracker_.confirm_descriptors(answers, now()));
}

/// Asks for as many of these as the look under way may.
void NamespaceWatch::get_each(const LookTools& tools, std::span<const SocketIdentity> sockets,
                              bool with_tcp_info, const netlink::AnswerSink& sink) {
    constexpr std::size_t kAtOnce = netlink::Session::kGetsAtOnce;
    for (std::size_t first = 0; first < sockets.size(); first += kAtOnce) {
        if (first >= kFewestGets && posix::thread_cpu_time() >= gets_end_) {
            return;
        }
        tools.session.get_each(sockets.subspan(first, std::min(kAtOnce, sockets.size() - first)),
                               with_tcp_info, sink);
    }
}

/// Asks the kernel for each socket that the dump should have had.
void NamespaceWatch::settle(const LookTools& tools) {
    gets_end_ = posix::thread_cpu_time() + tools.most_cpu_for_gets;
    std::vector<tracking::Confirmation> answers;
    get_each(
        tools, tracker_.missing(tools.most_gets), false,
        [&answers](const SocketIdentity& socket, const auto& found) {
            answers.push_back({socket.cookie, found ? std::optional(found->record) : std::nullopt});
        });
    // The counter is read after the answers: what reset a socket that is gone by then has moved it.
    tracking::Resets resets = tracking::Resets::not_known;
    if (resets_before_ && tracker_.misses_close_wait()) {
        if (const auto after = estab_resets()) {
            resets = after == resets_before_ ? tracking::Resets::none : tracking::Resets::some;
        }
    }
    tools.tell(tracker_.confirm(answers, now(), resets));
}

void NamespaceWatch::date_old_sockets(const LookTools& tools) {
    std::vector<SocketIdentity> undated = tracker_.undated();
    undated.resize(std::min(undated.size(), tools.most_gets));
    get_each(tools, undated, true, [this](const SocketIdentity& socket, const auto& found) {
        if (!found) {
            return;
        }
        tracker_.date(socket.cookie, tracking::estimate_age(found->record, found->info), now());
        if (found->info) {
            tracker_.note_sending(socket.cookie, *found->info, now());
        }
    });
    look_for_senders(tools);
}

/// A half-close on purpose is no leak: what is about to become one is asked whether it sends.
void NamespaceWatch::look_for_senders(const LookTools& tools) {
    std::vector<SocketIdentity> sockets = tracker_.perhaps_sending(tools.leak_after / 2);
    sockets.resize(std::min({sockets.size(), tools.most_gets, kMostSenderGets}));
    get_each(tools, sockets, true, [this](const SocketIdentity& socket, const auto& found) {
        if (found && found->info) {
            tracker_.note_sending(socket.cookie, *found->info, now());
        }
    });
}

}  // namespace halfclosed
