#include "scenarios/run/connection_observer.h"

#include <algorithm>
#include <utility>

#include "tracking/custody.h"
#include "tracking/reconciliation.h"

namespace halfclosed::scenarios {

namespace {

/// A listening socket is not part of the connection. Nor is one in CLOSE: a dump may find it in the hash table while
/// tcp_done() (net/ipv4/tcp.c) takes it apart, its local port already 0.
std::optional<Side> side_of(const tracking::WatchedPorts& watch, const SocketRecord& record) {
    if (record.state == TcpState::listen || record.state == TcpState::close) {
        return std::nullopt;
    }
    const auto watched = watch.match(record);
    return watched ? std::optional(watched->side) : std::nullopt;
}

}  // namespace

ConnectionObserver::ConnectionObserver(std::uint16_t port, std::chrono::seconds fin_timeout,
                                       Instant start)
    : watch_({{port, port}}), tracker_(watch_), latest_(start), not_before_(start) {
    tracker_.set_fin_timeout(fin_timeout);
}

std::vector<TraceEvent> ConnectionObserver::observe(const Poll& poll) {
    std::vector<TraceEvent> events;
    ++poll_;
    not_before_ = std::exchange(latest_, poll.from);
    if (poll.to - not_before_ > kFarApart) {
        events.push_back(ObservationGap{not_before_, poll.to});
    }
    for (const SocketRecord& record : poll.sockets) {
        see(record, poll.to, events);
    }
    add_missed(poll, events);
    compare_counts(poll, events);
    add_state_ends(tracker_.observe(poll.sockets, poll.to), poll.to, events);
    return events;
}

/// An end is known by its addresses. Its cookie may change once: a full socket that is first dumped in the moment in
/// which its minisock is being made gets its own, and the minisock another (inet_twsk_alloc() had copied none).
void ConnectionObserver::see(const SocketRecord& record, Instant seen,
                             std::vector<TraceEvent>& events) {
    const std::optional<Side> side = side_of(watch_, record);
    if (!side) {
        return;
    }
    std::optional<Known>& known = known_.of(*side);
    if (known && (known->record.local != record.local || known->record.remote != record.remote)) {
        events.push_back(RunError{std::string("the ") + name(*side) + " has a second connection, " +
                                  to_string(record.local) + " to " + to_string(record.remote) +
                                  " in " + name(record.state) + ": a scenario has one"});
        return;
    }
    known = Known{record, poll_};
    add({*side, record.state, tracking::custody(record), not_before_, seen}, events);
}

void ConnectionObserver::add(const StateObservation& observation, std::vector<TraceEvent>& events) {
    std::optional<StateObservation>& current = current_.of(observation.side);
    if (current && current->state == observation.state && current->custody == observation.custody) {
        return;
    }
    current = observation;
    compared_ = false;
    events.push_back(observation);
}

/// An end that lived between two polls leaves nothing to ask the kernel about, for its cookie is not known. Two polls
/// that began after it existed, and do not have it, say that it is over.
void ConnectionObserver::add_missed(const Poll& poll, std::vector<TraceEvent>& events) {
    for (const Side side : tracking::kSides) {
        const std::optional<Instant> since = existed_since_.of(side);
        if (!since || current_.of(side) || poll.from <= *since) {
            continue;
        }
        if (++absent_polls_.of(side) == 2) {
            add({side, TcpState::close, std::nullopt, *since, poll.to}, events);
        }
    }
}

std::vector<SocketIdentity> ConnectionObserver::missing() const {
    std::vector<SocketIdentity> missing = tracker_.missing();
    for (const Side side : tracking::kSides) {
        const std::optional<Known>& known = known_.of(side);
        const bool asked =
            known && std::any_of(missing.begin(), missing.end(), [&](const SocketIdentity& socket) {
                return socket.cookie == known->record.cookie;
            });
        if (known && known->poll != poll_ && !asked) {
            missing.push_back(identity(known->record));
        }
    }
    return missing;
}

std::vector<TraceEvent> ConnectionObserver::confirm(std::span<const tracking::Confirmation> answers,
                                                    Instant now,
                                                    std::optional<std::uint64_t> resets) {
    std::vector<TraceEvent> events;
    const tracking::Resets reset = accounted(answers, resets);
    for (const tracking::Confirmation& answer : answers) {
        for (const Side side : tracking::kSides) {
            std::optional<Known>& known = known_.of(side);
            if (!known || known->record.cookie != answer.cookie) {
                continue;
            }
            if (answer.found) {
                see(*answer.found, now, events);
            } else {
                known.reset();
                add({side, TcpState::close, std::nullopt, not_before_, now}, events);
            }
        }
    }
    add_state_ends(tracker_.confirm(answers, now, reset), now, events);
    return events;
}

/// Each end that may have been reset in ESTABLISHED or CLOSE-WAIT is known, so that the count can be explained whole.
tracking::Resets ConnectionObserver::accounted(std::span<const tracking::Confirmation> answers,
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

void ConnectionObserver::between(const Sockstat& counts, Instant at) {
    pending_ = CountSample{at, 0, counts.orphan, 0, counts.tw};
}

void ConnectionObserver::compare_counts(const Poll& poll, std::vector<TraceEvent>& events) {
    SocketCounts socket_counts;
    tracking::KernelStyleCounts tally;
    for (const SocketRecord& record : poll.sockets) {
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
    CountSample counts = *pending_;
    counts.orphan_counted = tally.counts()[tracking::Count::orphan];
    counts.tw_counted = tally.counts()[tracking::Count::tw];
    pending_.reset();
    compared_ = true;
    // The kernel's orphans are those of the whole system: their number changes for reasons of its
    // own.
    const bool is_new = !last_sample_ || last_sample_->orphan_counted != counts.orphan_counted ||
                        last_sample_->tw_counted != counts.tw_counted ||
                        counts.tw_counted != counts.tw_kernel ||
                        counts.orphan_counted > counts.orphan_kernel;
    if (is_new) {
        last_sample_ = counts;
        events.push_back(counts);
    }
}

void ConnectionObserver::add_state_ends(const tracking::Changes& changes, Instant at,
                                        std::vector<TraceEvent>& events) {
    for (const tracking::StateEnd& end : changes.ends) {
        if (const char* how = name(end.how)) {
            events.push_back(StateEnd{end.watched.side, end.state, how, at});
        }
    }
}

void ConnectionObserver::existed(Side side, Instant since) {
    std::optional<Instant>& existed = existed_since_.of(side);
    existed = existed.value_or(since);
}

std::optional<StateObservation> ConnectionObserver::current(Side side) const {
    return current_.of(side);
}

}  // namespace halfclosed::scenarios
