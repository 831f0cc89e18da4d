#include "tracking/tracker.h"

#include <algorithm>

#include "tracking/peer_evidence.h"

namespace halfclosed::tracking {

namespace {

bool is_minisock(const SocketRecord& record) {
    return record.timer.kind == Timer::Kind::timewait;
}

/// When the pending timer is to fire, as far as the last look knew: a minisock's time is up then,
/// never earlier.
Instant deadline(const TrackedSocket& socket) {
    return socket.last_seen + socket.record.timer.expires;
}

/// What the conversion to a minisock takes away is kept from before.
SocketRecord with_memory(SocketRecord record, const SocketRecord& before) {
    if (is_minisock(record)) {
        record.uid = before.uid;
        record.inode = before.inode;
        record.cgroup_id = before.cgroup_id;
    }
    return record;
}

}  // namespace

Changes Tracker::observe(std::span<const SocketRecord> dump, Instant asked) {
    previous_ = poll_ == 0 ? std::nullopt : std::optional(look_);
    if (!previous_ || !new_labels_.empty()) {
        silent_until_ = asked;
    }
    look_ = asked;
    now_ = asked;
    ++poll_;
    Changes changes;
    for (const SocketRecord& record : dump) {
        see(record, changes);
    }
    recalled_.clear();
    new_labels_.clear();
    forget_surplus();
    return changes;
}

void Tracker::recall(std::span<const KnownAge> ages) {
    for (const KnownAge& age : ages) {
        recalled_[age.cookie] = age;
    }
}

void Tracker::watch_other(WatchedPorts watch) {
    for (std::size_t label = 0; label < watch.labels().size(); ++label) {
        const auto& before = watch_.labels();
        if (std::find(before.begin(), before.end(), watch.labels()[label]) == before.end()) {
            new_labels_.insert(label);
        }
    }
    watch_ = std::move(watch);
    for (auto known = entries_.begin(); known != entries_.end();) {
        TrackedSocket& socket = known->second.socket;
        if (const auto watched = watch_.match(socket.record)) {
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

void Tracker::see(const SocketRecord& record, Changes& changes) {
    const bool established = record.state == TcpState::established;
    if (!established && !is_followed(record.state)) {
        return;
    }
    const auto watched = watch_.match(record);
    if (!watched) {
        return;
    }
    if (established) {
        established_.insert(record.cookie);
        return;
    }
    if (const auto known = entries_.find(record.cookie); known != entries_.end()) {
        update(known->second, record, changes);
        return;
    }
    if (record.state == TcpState::time_wait && time_waits_ >= kMostTimeWaits) {
        return;
    }
    adopt(entries_[record.cookie], record, *watched, changes);
}

Duration Tracker::minisock_age(const SocketRecord& record) const {
    return estimate_age(record, std::nullopt, fin_timeout_).value;
}

void Tracker::adopt(Entry& entry, const SocketRecord& record, const PortMatch& watched,
                    Changes& changes) {
    const bool first_look = !previous_ || new_labels_.contains(watched.label);
    const bool was_there_before = first_look || look_ - *previous_ > kLongestPause;
    entry.poll = poll_;
    entry.undated = was_there_before && !is_minisock(record);
    entry.socket = {
        record,        watched, custody(record),
        cause(record), look_,   was_there_before ? Age::Kind::at_least : Age::Kind::observed,
        look_};
    if (is_minisock(record)) {
        entry.socket.since = look_ - minisock_age(record);
        entry.socket.dated = Age::Kind::estimated;
        if (!was_there_before && record.state != TcpState::time_wait) {
            entry.socket.since = std::max(entry.socket.since, *previous_);
        }
    }
    if (const auto memory = recalled_.find(record.cookie);
        memory != recalled_.end() && memory->second.state == record.state) {
        entry.socket.since = memory->second.since;
        entry.socket.dated = memory->second.dated;
        entry.undated = false;
    }
    if (record.state == TcpState::time_wait) {
        ++time_waits_;
    }
    // Not every look asks for TIME-WAIT, so one that is new to us may be older than our watch.
    const bool silent = record.state == TcpState::time_wait && entry.socket.since <= silent_until_;
    if (first_look || silent) {
        return;
    }
    const auto path = certain_path(TcpState::established, record.state, true);
    const bool seen =
        path.size() == 1 && path.front().to == record.state && established_.contains(record.cookie);
    for (const Edge& edge : path) {
        changes.transitions.push_back({identity(record), watched, edge,
                                       seen ? Evidence::seen : Evidence::implied, std::nullopt});
    }
}

void Tracker::update(Entry& entry, const SocketRecord& record, Changes& changes) {
    TrackedSocket& socket = entry.socket;
    entry.poll = poll_;
    if (record.state != socket.record.state) {
        const bool long_ago = look_ - socket.last_seen > kLongestPause && !is_minisock(record);
        Instant at = look_;
        if (is_minisock(record)) {
            at = std::clamp(look_ - minisock_age(record), socket.last_seen, look_);
        }
        move(entry, record.state, at, changes);
        socket.since = at;
        socket.dated = long_ago ? Age::Kind::at_least : Age::Kind::observed;
        entry.undated = false;
    }
    socket.record = with_memory(record, socket.record);
    socket.custody = custody(record);
    socket.cause = cause(record);
    socket.last_seen = look_;
}

/// Whether the socket may have gone through a whole TIME-WAIT since it was last seen.
bool Tracker::time_wait_could_pass(const TrackedSocket& socket) const {
    return now_ - socket.last_seen >= std::chrono::seconds{60};
}

/// Drops what is above the bound. A later look may find such a socket again, and its way here has
/// been told.
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
    silent_until_ = now_;
}

/// Counts the way from the socket's state to another one, entered at `at`.
void Tracker::move(Entry& entry, TcpState to, Instant at, Changes& changes) {
    const TrackedSocket& socket = entry.socket;
    const TcpState from = socket.record.state;
    const SocketIdentity who = identity(socket.record);
    const std::vector<Edge> path = certain_path(from, to, time_wait_could_pass(socket));
    const bool seen = path.size() == 1 && path.front() == Edge{from, to};
    for (const Edge& edge : path) {
        std::optional<Duration> held;
        if (edge.from == from && socket.dated != Age::Kind::at_least) {
            held = std::max(at - socket.since, Duration{0});
        }
        changes.transitions.push_back(
            {who, socket.watched, edge, seen ? Evidence::seen : Evidence::implied, held});
        if (edge == Edge{TcpState::fin_wait2, TcpState::time_wait}) {
            changes.endings.push_back(
                {who, socket.watched, FinWait2End::peer_closed, std::nullopt});
        }
        if (edge == Edge{TcpState::close_wait, TcpState::last_ack}) {
            changes.endings.push_back({who, socket.watched, std::nullopt, CloseWaitEnd::closed});
        }
    }
    if (to == TcpState::time_wait) {
        ++time_waits_;
    }
    if (from == TcpState::time_wait) {
        --time_waits_;
    }
}

bool Tracker::is_missing(const Entry& entry) const {
    if (entry.poll == poll_) {
        return false;
    }
    // A closing poll does not ask for TIME-WAIT: nothing is missed until its time is up.
    return entry.socket.record.state != TcpState::time_wait || deadline(entry.socket) <= now_;
}

std::vector<SocketIdentity> Tracker::missing() const {
    std::vector<SocketIdentity> result;
    for (const auto& [cookie, entry] : entries_) {
        if (is_missing(entry)) {
            result.push_back(identity(entry.socket.record));
        }
    }
    return result;
}

Changes Tracker::confirm(std::span<const Confirmation> answers, Instant now) {
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

    // Only a socket that is gone from CLOSE-WAIT needs a witness; most looks have none.
    const bool ask = std::any_of(gone.begin(), gone.end(), [this](Cookie cookie) {
        return entries_.at(cookie).socket.record.state == TcpState::close_wait;
    });
    PeerEvidence evidence;
    if (ask) {
        for (const auto& [cookie, entry] : entries_) {
            if (entry.socket.record.state == TcpState::time_wait) {
                evidence.add(entry.socket.record, CloseWaitEnd::closed, entry.socket.since);
            }
        }
        for (const Cookie cookie : gone) {
            const TrackedSocket& socket = entries_.at(cookie).socket;
            if (fin_wait2_end(socket) == FinWait2End::killed) {
                evidence.add(socket.record, CloseWaitEnd::aborted, now_);
            }
        }
    }
    for (const Cookie cookie : gone) {
        Entry& entry = entries_.at(cookie);
        end(entry, evidence.opposite(entry.socket), changes);
    }
    for (const Cookie cookie : gone) {
        entries_.erase(cookie);
    }
    forget_surplus();
    return changes;
}

/// How the FIN-WAIT-2 of a socket that is gone ended; nothing for other states, and where more than
/// one thing may have happened since it was last seen.
std::optional<FinWait2End> Tracker::fin_wait2_end(const TrackedSocket& socket) const {
    if (socket.record.state != TcpState::fin_wait2 || time_wait_could_pass(socket)) {
        return std::nullopt;
    }
    if (is_minisock(socket.record)) {
        return deadline(socket) <= now_ ? FinWait2End::expired : FinWait2End::killed;
    }
    // A full socket does not expire, but it may have been closed, or come to the end of its
    // keepalive timer, and have left a minisock that did.
    const bool closed = socket.custody == Custody::orphan;
    const Instant earliest =
        closed ? deadline(socket) : socket.last_seen + fin_wait2_lifetime(fin_timeout_);
    return now_ < earliest ? std::optional(FinWait2End::killed) : std::nullopt;
}

/// The socket is gone. `witnessed` is what its other end saw, where there is one on this host.
void Tracker::end(Entry& entry, std::optional<CloseWaitEnd> witnessed, Changes& changes) {
    const TrackedSocket& socket = entry.socket;
    if (socket.record.state == TcpState::close_wait) {
        end_close_wait(socket, witnessed, changes);
        return;
    }
    if (const auto how = fin_wait2_end(socket)) {
        changes.endings.push_back({identity(socket.record), socket.watched, how, std::nullopt});
    }
    const bool time_was_up = is_minisock(socket.record) && deadline(socket) <= now_;
    move(entry, TcpState::close, time_was_up ? deadline(socket) : now_, changes);
}

void Tracker::end_close_wait(const TrackedSocket& socket, std::optional<CloseWaitEnd> witnessed,
                             Changes& changes) {
    // Reset and FIN leave the same nothing. Without a witness the queue speaks: a close() with unread
    // data sends a reset (RFC 2525 section 2.17), and one byte in the queue is the peer's FIN, not data
    // (net/ipv4/tcp.c:__tcp_close). The edges are counted only where a witness saw which they were.
    const auto guess = socket.record.recv_queue > 1 ? CloseWaitEnd::aborted : CloseWaitEnd::closed;
    const SocketIdentity who = identity(socket.record);
    changes.endings.push_back({who, socket.watched, std::nullopt, witnessed.value_or(guess)});
    if (!witnessed) {
        return;
    }
    const std::vector<Edge> way =
        *witnessed == CloseWaitEnd::closed
            ? std::vector<Edge>{{TcpState::close_wait, TcpState::last_ack},
                                {TcpState::last_ack, TcpState::close}}
            : std::vector<Edge>{{TcpState::close_wait, TcpState::close}};
    for (const Edge& edge : way) {
        std::optional<Duration> held;
        if (edge.from == TcpState::close_wait && socket.dated != Age::Kind::at_least) {
            held = std::max(now_ - socket.since, Duration{0});
        }
        changes.transitions.push_back({who, socket.watched, edge, Evidence::implied, held});
    }
}

std::vector<SocketIdentity> Tracker::undated() const {
    std::vector<SocketIdentity> result;
    for (const auto& [cookie, entry] : entries_) {
        if (entry.undated && entry.socket.record.state == TcpState::close_wait) {
            result.push_back(identity(entry.socket.record));
        }
    }
    return result;
}

void Tracker::date(Cookie cookie, const Age& age, Instant now) {
    const auto known = entries_.find(cookie);
    if (known == entries_.end()) {
        return;
    }
    Entry& entry = known->second;
    entry.undated = false;
    entry.socket.since = std::min(entry.socket.since, now - age.value);
    entry.socket.dated = age.kind;
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
