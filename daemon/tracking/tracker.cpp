#include "tracking/tracker.h"

#include <algorithm>

#include "tracking/sending.h"

namespace halfclosed::tracking {

Changes Tracker::observe(std::span<const SocketRecord> dump, Instant asked) {
    adoption_.begin_look(asked, poll_ == 0 ? std::nullopt : std::optional(look_));
    look_ = asked;
    now_ = asked;
    ++poll_;
    Changes changes;
    for (const SocketRecord& record : dump) {
        see(record, changes);
    }
    adoption_.end_look();
    end_unconfirmed(changes);
    forget_surplus();
    return changes;
}

/// Absent from two dumps, and nobody has asked for it: there were too many to ask for.
void Tracker::end_unconfirmed(Changes& changes) {
    for (auto known = entries_.begin(); known != entries_.end();) {
        Entry& entry = known->second;
        if (!is_missing(entry)) {
            entry.missed.reset();
            ++known;
        } else if (!entry.missed) {
            entry.missed = look_;
            ++known;
        } else {
            end(entry, *entry.missed, Resets::not_known, std::nullopt, changes);
            ++changes.unconfirmed;
            known = entries_.erase(known);
        }
    }
}

void Tracker::watch_other(WatchedPorts watch) {
    adoption_.relabel(watch_.labels(), watch.labels());
    watch.inherit(watch_);
    watch_ = std::move(watch);
    dead_.watch_other(watch_);
    for (auto known = entries_.begin(); known != entries_.end();) {
        TrackedSocket& socket = known->second.socket;
        if (const auto watched = watch_.match_again(socket.record, socket.watched)) {
            socket.watched = *watched;
            ++known;
            continue;
        }
        if (socket.record.state == TcpState::time_wait) {
            --time_waits_;
        }
        known = entries_.erase(known);
    }
}

void Tracker::learn_listeners(std::span<const SocketRecord> dump, Instant asked) {
    watch_.listeners().begin_look(asked);
    for (const SocketRecord& record : dump) {
        if (record.state == TcpState::listen) {
            watch_.listeners().see(record);
        }
    }
}

void Tracker::learn(WatchedPorts watch) {
    watch_ = std::move(watch);
    adoption_.rename(watch_.labels().size());
    dead_.watch_other(watch_);
    for (auto& [cookie, entry] : entries_) {
        TrackedSocket& socket = entry.socket;
        socket.watched = watch_.match_again(socket.record, socket.watched).value_or(socket.watched);
    }
}

void Tracker::see(const SocketRecord& record, Changes& changes) {
    if (record.protocol == Protocol::mptcp_subflow) {
        forget_subflow(record.cookie);
        return;
    }
    const bool established = record.state == TcpState::established;
    if (!established && !is_followed(record.state)) {
        return;
    }
    const auto watched = watch_.match(record);
    if (!watched) {
        return;
    }
    if (established) {
        adoption_.see_established(record.cookie);
        return;
    }
    if (const auto known = entries_.find(record.cookie); known != entries_.end()) {
        update(known->second, record, changes);
        return;
    }
    if (record.state != TcpState::time_wait || time_waits_ < kMostTimeWaits) {
        adopt(record, *watched, changes);
    }
}

/// A subflow that was taken for a connection of its own, for its connection was not known yet.
void Tracker::forget_subflow(Cookie cookie) {
    const auto known = entries_.find(cookie);
    if (known == entries_.end()) {
        return;
    }
    time_waits_ -= known->second.socket.record.state == TcpState::time_wait ? 1 : 0;
    entries_.erase(known);
}

void Tracker::adopt(const SocketRecord& record, const PortMatch& watched, Changes& changes) {
    Adoption::Adopted adopted = adoption_.adopt(record, watched);
    changes.transitions.insert(changes.transitions.end(), adopted.way.begin(), adopted.way.end());
    Entry& entry = entries_[record.cookie];
    entry.socket = std::move(adopted.socket);
    entry.poll = poll_;
    entry.known_since = look_;
    entry.undated = adopted.undated;
    time_waits_ += record.state == TcpState::time_wait ? 1 : 0;
}

void Tracker::update(Entry& entry, const SocketRecord& record, Changes& changes) {
    TrackedSocket& socket = entry.socket;
    entry.poll = poll_;
    entry.missed.reset();
    if (record.state != socket.record.state) {
        const Dating dating =
            dated_between(record, socket.last_seen, look_, adoption_.fin_timeout());
        move(entry, record.state, dating.since, changes);
        set(socket, dating);
        socket.last_sent.reset();
        entry.undated = false;
    }
    socket.record = with_memory(record, socket.record);
    socket.custody = custody(record);
    socket.last_seen = look_;
    socket.cause = cause(socket, look_);
}

/// Drops what is above the bound.
void Tracker::forget_surplus() {
    if (time_waits_ <= kMostTimeWaits) {
        return;
    }
    std::erase_if(entries_, [this](const auto& entry) {
        const bool surplus =
            entry.second.socket.record.state == TcpState::time_wait && time_waits_ > kMostTimeWaits;
        time_waits_ -= surplus ? 1 : 0;
        return surplus;
    });
    adoption_.forgot_until(now_);
}

/// Counts the way from the socket's state to another one, entered at `at`.
void Tracker::move(Entry& entry, TcpState to, Instant at, Changes& changes) {
    const TrackedSocket& socket = entry.socket;
    const TcpState from = socket.record.state;
    const std::vector<Edge> path = certain_path(from, to);
    const bool seen = path.size() == 1 && path.front() == Edge{from, to};
    const bool leaves = !path.empty() && path.front().from == from;
    end_by(socket, path, seen ? Evidence::seen : Evidence::implied,
           leaves ? how_left(path.front()) : StateEnd::How{}, at, changes);
    time_waits_ += to == TcpState::time_wait ? 1 : 0;
    time_waits_ -= from == TcpState::time_wait ? 1 : 0;
}

/// The socket left its state, at `at` and by these edges.
void Tracker::end_by(const TrackedSocket& socket, const std::vector<Edge>& way, Evidence evidence,
                     StateEnd::How how, Instant at, Changes& changes) {
    const SocketIdentity who = identity(socket.record);
    const std::optional<Duration> held = time_held(socket, at);
    for (const Edge& edge : way) {
        const bool first = edge.from == socket.record.state;
        changes.transitions.push_back(
            {who, socket.watched, edge, evidence, first ? held : std::nullopt});
    }
    changes.ends.push_back({who, socket.watched, socket.record.state, how, held});
}

bool Tracker::is_missing(const Entry& entry) const {
    if (entry.poll == poll_) {
        return false;
    }
    // A closing poll does not ask for TIME-WAIT: nothing is missed until its time is up.
    return entry.socket.record.state != TcpState::time_wait || deadline(entry.socket) <= now_;
}

std::vector<SocketIdentity> Tracker::missing(std::size_t most) const {
    std::vector<const TrackedSocket*> missing;
    for (const auto& [cookie, entry] : entries_) {
        if (is_missing(entry)) {
            missing.push_back(&entry.socket);
        }
    }
    if (missing.size() > most) {
        const auto rank = [](const TrackedSocket* socket) {
            return std::pair(socket->record.state == TcpState::time_wait, socket->since);
        };
        const auto end = missing.begin() + static_cast<std::ptrdiff_t>(most);
        std::partial_sort(missing.begin(), end, missing.end(),
                          [&rank](const auto* a, const auto* b) { return rank(a) < rank(b); });
        missing.erase(end, missing.end());
    }
    std::vector<SocketIdentity> result;
    result.reserve(missing.size());
    for (const TrackedSocket* socket : missing) {
        result.push_back(identity(socket->record));
    }
    return result;
}

bool Tracker::misses_close_wait() const {
    return std::any_of(entries_.begin(), entries_.end(), [this](const auto& known) {
        const Entry& entry = known.second;
        return entry.socket.record.state == TcpState::close_wait && is_missing(entry);
    });
}

Changes Tracker::confirm(std::span<const Confirmation> answers, Instant now, Resets resets) {
    now_ = now;
    Changes changes;
    std::vector<Cookie> gone;
    for (const Confirmation& answer : answers) {
        const auto known = entries_.find(answer.cookie);
        if (known == entries_.end() || known->second.poll == poll_) {
            continue;
        }
        if (answer.found && is_followed(answer.found->state)) {
            update(known->second, *answer.found, changes);
        } else {
            gone.push_back(answer.cookie);
        }
    }
    const PeerEvidence evidence = evidence_for(gone, resets);
    for (const Cookie cookie : gone) {
        Entry& entry = entries_.at(cookie);
        // The counters speak of the time since the look before: of a socket that it had.
        // They are TCP's: an MPTCP connection is none of its sockets.
        const bool counted =
            entry.poll + 1 == poll_ && entry.socket.record.protocol == Protocol::tcp;
        const Resets known = counted ? resets : Resets::not_known;
        end(entry, now_, known, evidence.about(entry.socket), changes);
    }
    for (const Cookie cookie : gone) {
        entries_.erase(cookie);
    }
    forget_surplus();
    return changes;
}

/// What the other ends of those that are gone prove, as far as they are sockets of this host.
PeerEvidence Tracker::evidence_for(const std::vector<Cookie>& gone, Resets resets) const {
    PeerEvidence evidence;
    for (const Cookie cookie : gone) {
        const SocketRecord& record = entries_.at(cookie).socket.record;
        if (record.state == TcpState::close_wait || record.state == TcpState::fin_wait2) {
            evidence.ask_for(record);
        }
    }
    if (evidence.empty()) {
        return evidence;
    }
    for (const auto& [cookie, entry] : entries_) {
        const SocketRecord& record = entry.socket.record;
        if (record.state == TcpState::time_wait) {
            evidence.add(record, PeerProof::got_our_fin, entry.known_since);
        } else if (record.state == TcpState::close_wait && entry.poll == poll_) {
            evidence.add(record, PeerProof::still_open, entry.known_since);
        }
    }
    for (const Cookie cookie : gone) {
        const Entry& entry = entries_.at(cookie);
        if (entry.socket.record.state == TcpState::close_wait && entry.poll + 1 == poll_ &&
            resets == Resets::all) {
            evidence.add(entry.socket.record, PeerProof::was_reset, entry.known_since);
        }
    }
    return evidence;
}

/// The socket is gone, since `missed` at the latest.
void Tracker::end(Entry& entry, Instant missed, Resets resets, std::optional<PeerProof> peer,
                  Changes& changes) {
    using enum TcpState;
    const TrackedSocket& socket = entry.socket;
    const bool time_was_up = is_minisock(socket.record) && deadline(socket) <= missed;
    const Instant at = time_was_up ? deadline(socket) : missed;
    if (socket.record.state == close_wait) {
        const CloseWaitEnd how = close_wait_end(resets, peer);
        const bool pending = how == CloseWaitEnd::unknown && resets == Resets::some;
        const bool followed = dead_.add(socket, now_, pending);
        if (!pending || !followed) {
            end_by(socket, way(how), Evidence::implied, how, at, changes);
        }
    } else if (socket.record.state == fin_wait2) {
        const FinWait2End how = fin_wait2_end(socket, peer, missed);
        end_by(socket, way(how), Evidence::seen, how, at, changes);
    } else {
        move(entry, close, at, changes);
    }
}

std::vector<TrackedSocket> Tracker::sockets() const {
    std::vector<TrackedSocket> result;
    result.reserve(entries_.size() - time_waits_);
    for (const auto& [cookie, entry] : entries_) {
        if (entry.poll == poll_ && kHalfClosedStates.contains(entry.socket.record.state)) {
            result.push_back(entry.socket);
        }
    }
    return result;
}

}  // namespace halfclosed::tracking
