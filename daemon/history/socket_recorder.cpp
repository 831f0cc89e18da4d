#include "history/socket_recorder.h"

#include <algorithm>
#include <iterator>
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

std::string how_ended(const RecordedSocket& socket) {
    if (!socket.how.empty()) {
        return socket.how;
    }
    if (socket.spans.back().state == TcpState::time_wait) {
        return "time_wait";
    }
    const std::size_t count = socket.spans.size();
    const bool last_ack = count > 1 && socket.spans[count - 2].state == TcpState::last_ack;
    return last_ack && socket.spans.back().state == TcpState::close ? "closed" : "unknown";
}

}  // namespace

void SocketRecorder::resume(std::vector<RecordedSocket> sockets) {
    for (RecordedSocket& socket : sockets) {
        if (entries_.size() >= bounds_.followed || socket.spans.empty()) {
            continue;
        }
        socket.owner = shared(*socket.owner);
        const Cookie cookie = socket.record.cookie;
        Entry& entry = entries_[cookie];
        entry.socket = std::move(socket);
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
    ++look_;
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
        // Gone from the table is not closed: its descriptor may turn out to be open still.
        const bool told = entry.noted;
        const bool may_be_dead = entry.socket.record.inode != 0 && entry.socket.how != "closed" &&
                                 entry.seen - entry.socket.spans.front().began.instant > kHasHolder;
        if ((told && !may_be_dead) || look.now.instant - entry.seen > kPatience ||
            (!told && !may_be_dead)) {
            finish(entry, look.now);
            known = entries_.erase(known);
        } else {
            ++known;
        }
    }
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
    if (first || began_to_leak || !known_state || look_ % kOwnersEvery == 0) {
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
    if (first || entry->noted || look_ % kOwnersEvery == 0) {
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

/// Lived long enough to be written, or leaked.
bool SocketRecorder::is_worth(const Entry& entry, Instant now) {
    const RecordedSocket& socket = entry.socket;
    const Instant end = socket.ended ? socket.ended->instant : now;
    return entry.written || socket.leaked ||
           end - socket.spans.front().began.instant > Duration(kShortest);
}

void SocketRecorder::finish(Entry& entry, const Moment& now) {
    RecordedSocket& socket = entry.socket;
    const bool told = entry.noted || socket.dead();
    const bool dead = socket.dead() && !entry.noted;
    socket.ended = entry.noted ? socket.spans.back().began : now;
    if (dead) {
        socket.how = "closed";  // its descriptor is closed at last
    } else {
        socket.how = told ? how_ended(socket) : socket.how.empty() ? "not_observed" : socket.how;
    }
    if (!is_worth(entry, now.instant)) {
        return;
    }
    if (finished_.size() < bounds_.batch) {
        recorded_ += entry.written ? 0 : 1;
        finished_.push_back(std::move(socket));
        return;
    }
    if (entry.written) {
        ends_.push_back({socket.record.cookie, *socket.ended, socket.how});
        return;
    }
    ++left_out_;
    if (socket.leaked) {  // in place of one that did not
        const auto other = std::find_if(finished_.begin(), finished_.end(),
                                        [](const auto& each) { return !each.leaked; });
        if (other != finished_.end()) {
            ends_.push_back({other->record.cookie, *other->ended, other->how});
            *other = std::move(socket);
        }
    }
}

void SocketRecorder::take(Batch& batch) {
    batch.sockets = std::exchange(finished_, {});
    batch.ends = std::exchange(ends_, {});
    std::vector<Entry*> changed;
    for (auto& [cookie, entry] : entries_) {
        if (entry.changed && is_worth(entry, batch.now.instant)) {
            changed.push_back(&entry);
        }
    }
    std::stable_sort(changed.begin(), changed.end(), [](const Entry* a, const Entry* b) {
        return a->socket.leaked.has_value() > b->socket.leaked.has_value();
    });
    for (Entry* const entry : changed) {
        if (batch.sockets.size() >= bounds_.batch) {
            break;
        }
        batch.sockets.push_back(entry->socket);
        recorded_ += entry->written ? 0 : 1;
        entry->changed = false;
        entry->written = true;
    }
    // Owners that no socket has any more.
    std::erase_if(shared_, [](const auto& owner) { return owner.use_count() == 1; });
}

void SocketRecorder::write_again() {
    for (auto& [cookie, entry] : entries_) {
        entry.changed = true;
    }
}

}  // namespace halfclosed::history
