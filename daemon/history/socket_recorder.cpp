#include "history/socket_recorder.h"

#include <algorithm>
#include <utility>

#include "tracking/leak_watch.h"

namespace halfclosed::history {

namespace {

/// How a CLOSE-WAIT ended may take so long to be told (tracking::DeadSockets::kPatience), and so does whether its
/// descriptor is still open.
constexpr std::chrono::seconds kPatience =
    tracking::DeadSockets::kPatience + std::chrono::seconds{2};

/// Whose holders are not looked for before it ends cannot be found dead afterwards: the observer looks from so long on.
constexpr std::chrono::seconds kHasHolder{3};

/// Owners are looked up again every so many looks: a holder may end, fork or hand on.
constexpr std::uint64_t kOwnersEvery = 10;

/// Whether a process is known by now of a socket of which none was. It is written at once: it may die, and the socket
/// with it.
bool process_has_come(const RecordedSocket& recorded, const SocketRecorder::Look& look) {
    if (recorded.owner && recorded.owner->pid != 0) {
        return false;
    }
    const Owner* const owner = look.owner ? look.owner(recorded.record) : nullptr;
    return owner != nullptr && !owner->processes.empty();
}

}  // namespace

void SocketRecorder::resume(std::vector<RecordedSocket> sockets, const Moment& last_observed) {
    last_observed_ = last_observed;
    for (RecordedSocket& socket : sockets) {
        if (entries_.size() >= bounds_.followed || socket.spans.empty()) {
            continue;
        }
        socket.owner = shared(*socket.owner);
        const Cookie cookie = socket.record.cookie;
        Entry& entry = entries_[cookie];
        entry.socket = std::move(socket);
        entry.seen = last_observed.instant;
        entry.changed = false;
        entry.written = true;
    }
}

void SocketRecorder::note(const tracking::Changes& changes, const Moment& now) {
    for (const tracking::Transition& transition : changes.transitions) {
        const auto known = entries_.find(transition.socket.cookie);
        if (known == entries_.end() ||
            known->second.socket.spans.back().state == transition.edge.to) {
            continue;
        }
        Entry& entry = known->second;
        const StateSpan& last = entry.socket.spans.back();
        Moment at = now;
        if (transition.held && last.state == transition.edge.from) {
            at = before(now, std::clamp(last.began.instant + *transition.held, last.began.instant,
                                        now.instant));
        }
        entry.socket.add({transition.edge.to, last.custody, std::nullopt,
                          tracking::Age::Kind::observed, at, transition.evidence});
        entry.noted = entry.changed = true;
    }
    for (const tracking::StateEnd& end : changes.ends) {
        const auto known = entries_.find(end.socket.cookie);
        const char* const how = name(end.how);
        if (known != entries_.end()) {
            known->second.socket.how = how != nullptr ? how : "";
        }
    }
}

void SocketRecorder::observe(const Look& look) {
    if (look_++ == 0) {
        first_look_ = look.now.instant;
    }
    const std::size_t not_followed_before = std::exchange(not_followed_, 0);
    for (const tracking::TrackedSocket& socket : look.sockets) {
        see(socket, look);
    }
    for (const tracking::DeadSocket& dead : look.dead) {
        see(dead, look);
    }
    left_out_ += not_followed_ > not_followed_before ? not_followed_ - not_followed_before : 0;
    for (auto known = entries_.begin(); known != entries_.end();) {
        Entry& entry = known->second;
        if (entry.look == look_) {
            ++known;
            continue;
        }
        if (!may_come_back(entry, look.now.instant)) {
            finish(entry, look.now);
            known = entries_.erase(known);
        } else {
            ++known;
        }
    }
}

/// Gone from the table is not closed: its descriptor may turn out to be open still. And what an earlier run knew may be in
/// a network namespace to which the looks have not come yet.
bool SocketRecorder::may_come_back(const Entry& entry, Instant now) const {
    if (entry.look == 0 && !entry.noted) {
        return now - first_look_ <= kPatience;
    }
    return entry.socket.record.inode != 0 && entry.socket.how != "closed" &&
           entry.seen - entry.socket.spans.front().began.instant > kHasHolder &&
           now - entry.seen <= kPatience;
}

SocketRecorder::Entry* SocketRecorder::find_or_add(const SocketRecord& record) {
    const auto known = entries_.find(record.cookie);
    if (known != entries_.end()) {
        return &known->second;
    }
    if (entries_.size() >= bounds_.followed) {
        ++not_followed_;
        return nullptr;
    }
    return &entries_[record.cookie];
}

void SocketRecorder::see(const tracking::TrackedSocket& socket, const Look& look) {
    Entry* const entry = find_or_add(socket.record);
    if (entry == nullptr) {
        return;
    }
    RecordedSocket& recorded = entry->socket;
    const bool first = entry->look == 0 && !entry->written;
    const bool known_state =
        !recorded.spans.empty() && recorded.spans.back().state == socket.record.state;
    StateSpan span{socket.record.state, socket.custody, socket.cause, socket.dated,
                   before(look.now, socket.since)};
    if (!known_state) {
        recorded.add(span);
        entry->changed = true;
    } else if (entry->noted) {
        span.began = recorded.spans.back().began;
        span.evidence = recorded.spans.back().evidence;
        recorded.spans.back() = span;
        entry->changed = true;
    } else if (StateSpan& last = recorded.spans.back();
               last.custody != span.custody || last.cause != span.cause) {
        span.dated = tracking::Age::Kind::observed;
        span.began = look.now;
        recorded.add(span);
        entry->changed = true;
    } else if (recorded.spans.size() == 1 && span.began.instant < last.began.instant) {
        last = span;  // it was dated since
        entry->changed = true;
    }
    recorded.record = socket.record;
    recorded.port = socket.watched.port;
    recorded.side = socket.watched.side;
    const bool leaks = tracking::is_leaked(socket, look.leak_after, look.now.instant);
    const bool began_to_leak = leaks && !recorded.leaked;
    if (began_to_leak) {
        recorded.leaked = look.now;
        entry->changed = true;
    } else if (!leaks && recorded.leaked && socket.record.state == TcpState::close_wait) {
        recorded.leaked.reset();  // it sends again
        entry->changed = true;
    }
    if (first || began_to_leak || !known_state || look_ % kOwnersEvery == 0 ||
        process_has_come(recorded, look)) {
        set_owner(*entry, look);
    }
    recorded.how.clear();
    entry->noted = false;
    entry->look = look_;
    entry->seen = look.now.instant;
}

void SocketRecorder::see(const tracking::DeadSocket& dead, const Look& look) {
    Entry* const entry = find_or_add(dead.socket.record);
    if (entry == nullptr) {
        return;
    }
    RecordedSocket& recorded = entry->socket;
    if (recorded.spans.empty()) {
        recorded.record = dead.socket.record;
        recorded.port = dead.socket.watched.port;
        recorded.side = dead.socket.watched.side;
        recorded.add({TcpState::close_wait, dead.socket.custody, dead.socket.cause,
                      dead.socket.dated, before(look.now, dead.socket.since)});
    }
    const bool first = recorded.spans.back().state != TcpState::close;
    if (first) {
        recorded.add({TcpState::close, tracking::Custody::process, dead.socket.cause,
                      tracking::Age::Kind::observed, before(look.now, dead.since)});
    }
    recorded.record.state = TcpState::close;
    if (!recorded.leaked) {
        recorded.leaked = look.now;
    }
    if (first || entry->noted || look_ % kOwnersEvery == 0 || process_has_come(recorded, look)) {
        set_owner(*entry, look);
    }
    entry->changed = entry->changed || first || entry->noted;
    entry->noted = false;
    entry->look = look_;
    entry->seen = look.now.instant;
}

void SocketRecorder::set_owner(Entry& entry, const Look& look) {
    RecordedSocket& recorded = entry.socket;
    const Owner* const owner = look.owner ? look.owner(recorded.record) : nullptr;
    if (owner == nullptr) {
        if (!recorded.owner) {
            recorded.owner = shared({});
        }
        return;  // who it was is worth more than that nobody knows now
    }
    RecordedOwner known{owner->name, owner->unit, owner->cgroup, 0, {}};
    std::int32_t descriptor = -1;
    if (!owner->processes.empty()) {
        known.pid = owner->processes.front().pid;
        known.comm = owner->processes.front().comm;
        descriptor = owner->processes.front().fd;
    } else if (recorded.owner && recorded.owner->name == known.name) {
        return;
    }
    if (!recorded.owner || *recorded.owner != known || recorded.descriptor != descriptor) {
        recorded.owner = shared(std::move(known));
        recorded.descriptor = descriptor;
        entry.changed = true;
    }
}

std::shared_ptr<const RecordedOwner> SocketRecorder::shared(RecordedOwner owner) {
    const auto wanted = std::make_shared<const RecordedOwner>(std::move(owner));
    return *shared_.insert(wanted).first;
}

}  // namespace halfclosed::history
