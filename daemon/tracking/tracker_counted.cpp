#include <algorithm>

#include "tracking/tracker.h"

namespace halfclosed::tracking {

// What a tracker does with sockets beyond those that it keeps in detail.

void WithoutDetail::add(const WithoutDetail& other) {
    sockets += other.sockets;
    counts.add(other.counts);
    for (const auto& [leak, count] : other.leaks) {
        leaks[leak] += count;
    }
    for (const auto& [key, age] : other.oldest) {
        Duration& most = oldest[key];
        most = std::max(most, age);
    }
}

/// What a brief record of it does not tell is as it was.
SocketRecord Tracker::in_full(const SocketRecord& brief, const Entry& known) {
    SocketRecord record = known.socket.record;
    record.state = brief.state;
    return record;
}

/// A new one.
void Tracker::count_only(const SocketRecord& record, const PortMatch& watched, Changes& changes) {
    Adoption::Adopted adopted = adoption_.adopt(record, watched);
    date_exactly(adopted.socket);
    if (!counted_.add(adopted.socket, poll_)) {
        // Told when there is room: what cannot be remembered would be told again with each look.
        ++beyond_.sockets;
        beyond_.counts.add(watched, record.state, adopted.socket.custody);
        return;
    }
    add_way(adopted, changes);
}

void Tracker::see_counted(CountedSockets::Socket& socket, const SocketRecord& record,
                          Changes& changes) {
    const bool over = record.state == TcpState::time_wait;
    const bool in_detail = !over && !record.brief && takes_in_detail(promoted_);
    if (record.state == socket.state && !in_detail) {
        socket.poll = poll_;
        if (!record.brief) {
            socket.custody = custody(record);
            socket.cause = cause(record);
            socket.cgroup_id = record.cgroup_id.value_or(socket.cgroup_id);
        }
        return;
    }
    Entry entry;
    entry.socket = CountedSockets::in_full(socket, record);
    entry.socket.last_seen = socket.poll + 1 == poll_ ? previous_look_ : socket.since;
    entry.known_since = look_;
    update(entry, record, changes);
    if (over || in_detail) {
        counted_.erase(record.cookie);
        entries_[record.cookie] = entry;
        if (over) {
            file(entries_.extract(record.cookie));
        }
    } else {
        counted_.add(entry.socket, poll_);
    }
}

/// Two dumps did not have them.
void Tracker::end_counted(Changes& changes, const Tell& tell) {
    std::vector<CountedSockets::Socket> ended;
    counted_.for_each([&](const CountedSockets::Socket& socket) {
        if (socket.poll + 2 <= poll_) {
            ended.push_back(socket);
        }
    });
    for (const CountedSockets::Socket& socket : ended) {
        Entry entry;
        entry.socket = CountedSockets::in_full(socket, {});
        end(entry, previous_look_, Resets::not_known, std::nullopt, changes);
        ++changes.unconfirmed;
        counted_.erase(socket.cookie);
        hand_over(changes, tell);
    }
}

void Tracker::relabel_counted() {
    std::vector<Cookie> not_watched;
    counted_.for_each([&](CountedSockets::Socket& socket) {
        if (const auto label = watch_.label_of(socket.side, socket.port)) {
            socket.label = static_cast<std::uint32_t>(*label);
        } else {
            not_watched.push_back(socket.cookie);
        }
    });
    for (const Cookie cookie : not_watched) {
        counted_.erase(cookie);
    }
    beyond_ = {0, SocketCounts(watch_.labels().size()), {}, {}};
}

WithoutDetail Tracker::without_detail(Duration leak_after, Instant now) const {
    WithoutDetail result = beyond_;
    counted_.for_each([&](const CountedSockets::Socket& socket) {
        if (socket.poll != poll_) {
            return;
        }
        const Duration age = now - socket.since;
        ++result.sockets;
        result.counts.add(socket.watched(), socket.state, socket.custody);
        Duration& oldest = result.oldest[{socket.label, socket.side, socket.state}];
        oldest = std::max(oldest, age);
        if (socket.cause && age > leak_after) {
            ++result.leaks[{socket.label, socket.side, *socket.cause, socket.cgroup_id}];
        }
    });
    return result;
}

}  // namespace halfclosed::tracking
