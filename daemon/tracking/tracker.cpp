#include "tracking/tracker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tracking/sending.h"

namespace halfclosed::tracking {

Tracker::Tracker(WatchedPorts watch, SharedBounds bounds)
    : watch_(std::move(watch)),
      bounds_(std::move(bounds)),
      detail_(share_of(bounds_, &TrackerBounds::detail)),
      time_waits_share_(share_of(bounds_, &TrackerBounds::time_waits)),
      counted_(share_of(bounds_, &TrackerBounds::counted)),
      dead_(share_of(bounds_, &TrackerBounds::dead),
            share_of(bounds_, &TrackerBounds::candidates)) {
}

void hand_over(Changes& changes, const Tracker::Tell& tell) {
    constexpr std::size_t kMuch = 8'192;
    if (tell && changes.transitions.size() + changes.ends.size() >= kMuch) {
        tell(changes);
        changes.transitions.clear();
        changes.ends.clear();
        changes.unconfirmed = 0;
    }
}

Changes Tracker::observe(std::span<const SocketRecord> dump, Instant asked, const Tell& tell) {
    adoption_.begin_look(asked, poll_ == 0 ? std::nullopt : std::optional(look_));
    previous_look_ = std::exchange(look_, asked);
    now_ = asked;
    ++poll_;
    adopted_ = promoted_ = 0;
    beyond_ = {0, SocketCounts(watch_.labels().size()), {}, {}};
    Changes changes;
    for (const SocketRecord& record : dump) {
        see(record, changes);
        hand_over(changes, tell);
    }
    adoption_.end_look();
    end_unconfirmed(changes);
    end_counted(changes, tell);
    collect_overdue();
    forget_surplus();
    return changes;
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
    if (CountedSockets::Socket* const counted = counted_.find(record.cookie)) {
        see_counted(*counted, record, changes);
        return;
    }
    const bool over = record.state == TcpState::time_wait;
    if (Entry* const known = over ? find(record.cookie) : find_half_closed(record.cookie)) {
        update(*known, record.brief ? in_full(record, *known) : record, changes);
        if (over) {
            file(entries_.extract(record.cookie));
        }
        return;
    }
    if (!over && (record.brief || !takes_in_detail(adopted_))) {
        count_only(record, *watched, changes);
        return;
    }
    if (!over || time_waits_.size() < time_waits_share_.most()) {
        adopt(record, *watched, changes);
    }
}

/// Where detail has a bound: what is gone with the next look, as most of a storm is, is not worth its detail. What was
/// there before the first look is.
bool Tracker::takes_in_detail(std::size_t& taken) {
    const bool storm = poll_ > 1 && detail_.has_bound() && taken >= kMostInDetailPerLook;
    if (storm || entries_.size() >= detail_.most()) {
        return false;
    }
    ++taken;
    return true;
}

/// A subflow that was taken for a connection of its own, for its connection was not known yet.
void Tracker::forget_subflow(Cookie cookie) {
    counted_.erase(cookie);
    entries_.erase(cookie);
    time_waits_.erase(cookie);
}

Tracker::Entry* Tracker::find_half_closed(Cookie cookie) {
    const auto known = entries_.find(cookie);
    return known != entries_.end() ? &known->second : nullptr;
}

Tracker::Entry* Tracker::find(Cookie cookie) {
    if (Entry* const known = find_half_closed(cookie)) {
        return known;
    }
    const auto waiting = time_waits_.find(cookie);
    return waiting != time_waits_.end() ? &waiting->second : nullptr;
}

/// Puts one that is in TIME-WAIT, if there is one, where it belongs.
void Tracker::file(Entries::node_type node) {
    if (node.empty()) {
        return;
    }
    const auto due =
        std::chrono::floor<std::chrono::seconds>(deadline(node.mapped().socket).time_since_epoch());
    due_[due].push_back(node.key());
    time_waits_.insert(std::move(node));
}

void Tracker::adopt(const SocketRecord& record, const PortMatch& watched, Changes& changes) {
    const Adoption::Adopted adopted = adoption_.adopt(record, watched);
    add_way(adopted, changes);
    Entry& entry = entries_[record.cookie];
    entry.socket = adopted.socket;
    entry.poll = poll_;
    entry.known_since = look_;
    entry.undated = adopted.undated;
    date_exactly(entry.socket);
    if (record.state == TcpState::time_wait) {
        file(entries_.extract(record.cookie));
    }
}

/// How long it was in the states that no look has seen is not known.
void Tracker::add_way(const Adoption::Adopted& adopted, Changes& changes) {
    const TrackedSocket& socket = adopted.socket;
    for (const Edge& edge : adopted.way) {
        changes.transitions.push_back(
            {identity(socket.record), socket.watched, edge, adopted.evidence, std::nullopt});
    }
}

void Tracker::update(Entry& entry, const SocketRecord& record, Changes& changes) {
    TrackedSocket& socket = entry.socket;
    entry.poll = poll_;
    entry.missed.reset();
    if (record.state != socket.record.state) {
        Dating dating = dated_between(record, socket.last_seen, look_, adoption_.fin_timeout());
        if (const auto note = annotations_.find(record.cookie, record.state); note && note->since) {
            dating = {*note->since, Age::Kind::exact, std::nullopt};
        }
        move(entry, record.state, dating.since, changes);
        set(socket, dating);
        socket.last_sent.reset();
        socket.end_read.reset();
        entry.undated = false;
    }
    socket.record = with_memory(record, socket.record);
    socket.custody = custody(record);
    socket.last_seen = look_;
    date_exactly(socket);
    socket.cause = cause(socket, look_);
}

/// Drops what is above the bound.
void Tracker::forget_surplus() {
    const std::size_t most = time_waits_share_.most();
    if (time_waits_.size() > most) {
        adoption_.forgot_until(now_);
    }
    while (time_waits_.size() > most) {
        time_waits_.erase(time_waits_.begin());
    }
    tell_shares();
}

/// What others leave of the bounds is as of the end of the last call that added or dropped.
void Tracker::tell_shares() {
    detail_.hold(entries_.size());
    time_waits_share_.hold(time_waits_.size());
}

/// Counts the way from the socket's state to another one, entered at `at`.
void Tracker::move(Entry& entry, TcpState to, Instant at, Changes& changes) {
    const TrackedSocket& socket = entry.socket;
    const TcpState from = socket.record.state;
    const std::vector<Edge>& path = certain_path(from, to);
    const bool seen = path.size() == 1 && path.front() == Edge{from, to};
    const bool leaves = !path.empty() && path.front().from == from;
    end_by(socket, path, seen ? Evidence::seen : Evidence::implied,
           leaves ? how_left(path.front()) : StateEnd::How{}, at, changes);
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
    for (const Cookie cookie : overdue_) {
        const auto known = time_waits_.find(cookie);
        if (known != time_waits_.end() && is_missing(known->second)) {
            missing.push_back(&known->second.socket);
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

std::vector<SocketIdentity> Tracker::half_closed() const {
    std::vector<SocketIdentity> result;
    result.reserve(entries_.size());
    for (const auto& [cookie, entry] : entries_) {
        result.push_back(identity(entry.socket.record));
    }
    return result;
}

std::vector<TrackedSocket> Tracker::sockets() const {
    std::vector<TrackedSocket> result;
    result.reserve(entries_.size());
    for (const auto& [cookie, entry] : entries_) {
        if (entry.poll == poll_ && kHalfClosedStates.contains(entry.socket.record.state)) {
            result.push_back(entry.socket);
        }
    }
    return result;
}

std::set<std::uint32_t> Tracker::interfaces() const {
    std::set<std::uint32_t> result;
    for (const auto& [cookie, entry] : entries_) {
        result.insert(entry.socket.record.interface);
    }
    for (const DeadSocket& each : dead_sockets()) {
        result.insert(each.socket.record.interface);
    }
    result.erase(0);
    return result;
}

}  // namespace halfclosed::tracking
