#include "scenarios/run/connection_observer.h"

#include <algorithm>
#include <utility>

#include "tracking/custody.h"
#include "tracking/reconciliation.h"

namespace halfclosed::scenarios {

namespace {

/// Only one connection is in the trace; a socket that listens is not part of it. Nor is one in
/// CLOSE: a dump finds it in the hash table, and it is taken to pieces while it is being described
/// (net/ipv4/tcp.c:tcp_done), its local port already 0.
std::optional<Side> side_of(const tracking::WatchedPorts& watch, const SocketRecord& record) {
    if (record.state == TcpState::listen || record.state == TcpState::close) {
        return std::nullopt;
    }
    const auto watched = watch.match(record);
    return watched ? std::optional(watched->side) : std::nullopt;
}

}  // namespace

Observer::Observer(std::uint16_t port, std::chrono::seconds fin_timeout, Instant start)
    : watch_({{port, port}}), tracker_(watch_), latest_(start), not_before_(start) {
    tracker_.set_fin_timeout(fin_timeout);
}

std::vector<TraceEvent> Observer::observe(const Look& look) {
    std::vector<TraceEvent> facts;
    ++look_;
    not_before_ = std::exchange(latest_, look.from);
    if (look.to - not_before_ > kFarApart) {
        facts.push_back(ObservationGap{not_before_, look.to});
    }
    for (const SocketRecord& record : look.sockets) {
        see(record, look.to, facts);
    }
    see_over(look, facts);
    compare_counts(look, facts);
    tell_endings(tracker_.observe(look.sockets, look.to), look.to, facts);
    return facts;
}

/// An end is known by its addresses. Its cookie may change once: a full socket that is first dumped in the moment in
/// which its minisock is being made gets its own, and the minisock another (inet_twsk_alloc() had copied none).
void Observer::see(const SocketRecord& record, Instant seen, std::vector<TraceEvent>& facts) {
    const std::optional<Side> side = side_of(watch_, record);
    if (!side) {
        return;
    }
    std::optional<Known>& known = known_.of(*side);
    if (known && (known->record.local != record.local || known->record.remote != record.remote)) {
        facts.push_back(RunError{std::string("the ") + name(*side) + " has a second connection, " +
                                 to_string(record.local) + " to " + to_string(record.remote) +
                                 " in " + name(record.state) + ": a scenario has one"});
        return;
    }
    known = Known{record, look_};
    sight({*side, record.state, tracking::custody(record), not_before_, seen}, facts);
}

void Observer::sight(const StateObservation& observation, std::vector<TraceEvent>& facts) {
    std::optional<StateObservation>& standing = standing_.of(observation.side);
    if (standing && standing->state == observation.state &&
        standing->custody == observation.custody) {
        return;
    }
    standing = observation;
    compared_ = false;
    facts.push_back(observation);
}

/// An end that lived between two looks leaves nothing to ask the kernel about, for it has no cookie
/// that we know. Two looks that began after it existed, and do not have it, say that it is over.
void Observer::see_over(const Look& look, std::vector<TraceEvent>& facts) {
    for (const Side side : tracking::kSides) {
        const std::optional<Instant> since = existed_since_.of(side);
        if (!since || standing_.of(side) || look.from <= *since) {
            continue;
        }
        if (++absent_looks_.of(side) == 2) {
            sight({side, TcpState::close, std::nullopt, *since, look.to}, facts);
        }
    }
}

std::vector<SocketIdentity> Observer::missing() const {
    std::vector<SocketIdentity> missing = tracker_.missing();
    for (const Side side : tracking::kSides) {
        const std::optional<Known>& known = known_.of(side);
        const bool asked =
            known && std::any_of(missing.begin(), missing.end(), [&](const SocketIdentity& socket) {
                return socket.cookie == known->record.cookie;
            });
        if (known && known->look != look_ && !asked) {
            missing.push_back(identity(known->record));
        }
    }
    return missing;
}

std::vector<TraceEvent> Observer::confirm(std::span<const tracking::Confirmation> answers,
                                          Instant now, std::optional<std::uint64_t> resets) {
    std::vector<TraceEvent> facts;
    const tracking::Resets known = accounted(answers, resets);
    for (const tracking::Confirmation& answer : answers) {
        for (const Side side : tracking::kSides) {
            std::optional<Known>& known = known_.of(side);
            if (!known || known->record.cookie != answer.cookie) {
                continue;
            }
            if (answer.found) {
                see(*answer.found, now, facts);
            } else {
                known.reset();
                sight({side, TcpState::close, std::nullopt, not_before_, now}, facts);
            }
        }
    }
    tell_endings(tracker_.confirm(answers, now, known), now, facts);
    return facts;
}

/// Each end that may have been reset in ESTABLISHED or CLOSE-WAIT is known, so that the count can be explained whole.
tracking::Resets Observer::accounted(std::span<const tracking::Confirmation> answers,
                                     std::optional<std::uint64_t> resets) const {
    if (!resets) {
        return tracking::Resets::not_known;
    }
    std::uint64_t could_be_reset = 0;
    for (const tracking::Confirmation& answer : answers) {
        for (const Side side : tracking::kSides) {
            const std::optional<Known>& known = known_.of(side);
            if (!answer.found && known && known->record.cookie == answer.cookie &&
                (known->record.state == TcpState::established ||
                 known->record.state == TcpState::close_wait)) {
                ++could_be_reset;
            }
        }
    }
    if (*resets == 0) {
        return tracking::Resets::none;
    }
    return *resets == could_be_reset ? tracking::Resets::all : tracking::Resets::not_known;
}

void Observer::between(const Sockstat& counts, Instant at) {
    pending_ = CountSample{at, 0, counts.orphan, 0, counts.tw};
}

void Observer::compare_counts(const Look& look, std::vector<TraceEvent>& facts) {
    SocketCounts socket_counts;
    tracking::KernelStyleCounts tally;
    for (const SocketRecord& record : look.sockets) {
        const auto entry = std::tuple(record.cookie, record.state, tracking::custody(record));
        if (std::find(socket_counts.begin(), socket_counts.end(), entry) == socket_counts.end()) {
            socket_counts.push_back(entry);
            tally.add(record);
        }
    }
    std::sort(socket_counts.begin(), socket_counts.end());
    const bool unchanged = socket_counts == socket_counts_;
    socket_counts_ = std::move(socket_counts);
    if (!unchanged || !pending_) {
        pending_.reset();
        compared_ = false;
        return;
    }
    CountSample gauges = *pending_;
    gauges.orphan_counted = tally.counts()[tracking::Count::orphan];
    gauges.tw_counted = tally.counts()[tracking::Count::tw];
    pending_.reset();
    compared_ = true;
    // The kernel's orphans are those of the whole system: their number changes for reasons of its
    // own.
    const bool news = !told_ || told_->orphan_counted != gauges.orphan_counted ||
                      told_->tw_counted != gauges.tw_counted ||
                      gauges.tw_counted != gauges.tw_kernel ||
                      gauges.orphan_counted > gauges.orphan_kernel;
    if (news) {
        told_ = gauges;
        facts.push_back(gauges);
    }
}

void Observer::tell_endings(const tracking::Changes& changes, Instant at,
                            std::vector<TraceEvent>& facts) {
    for (const tracking::StateEnd& end : changes.ends) {
        if (const char* how = name(end.how)) {
            facts.push_back(HowEnded{end.watched.side, end.state, how, at});
        }
    }
}

void Observer::existed(Side side, Instant since) {
    std::optional<Instant>& existed = existed_since_.of(side);
    existed = existed.value_or(since);
}

std::optional<StateObservation> Observer::standing(Side side) const {
    return standing_.of(side);
}

}  // namespace halfclosed::scenarios
