#include "tracking/tracker.h"

#include <utility>

#include "tracking/ending.h"
#include "tracking/sending.h"

namespace halfclosed::tracking {

// What single gets of tcp_info tell of a socket that is followed: since when, and whether it sends.

void Tracker::date_exactly(TrackedSocket& socket) const {
    if (const auto note = annotations_.find(socket.record.cookie, socket.record.state)) {
        if (note->since) {
            set(socket, {*note->since, Age::Kind::exact, std::nullopt});
        }
        socket.end_read = note->end_read;
    }
}

std::vector<SocketIdentity> Tracker::undated() const {
    std::vector<SocketIdentity> result;
    for (const auto& [cookie, entry] : entries_) {
        if (entry.undated && entry.socket.dated != Age::Kind::exact &&
            entry.socket.record.state == TcpState::close_wait) {
            result.push_back(identity(entry.socket.record));
        }
    }
    return result;
}

void Tracker::date(Cookie cookie, const Age& age, Instant now) {
    if (const auto known = entries_.find(cookie); known != entries_.end()) {
        known->second.undated = false;
        date_back(known->second.socket, age, now);
    }
}

std::vector<SocketIdentity> Tracker::perhaps_sending(Duration age) const {
    std::vector<SocketIdentity> result;
    std::size_t senders = 0;
    for (const auto& [cookie, entry] : entries_) {
        if (entry.poll == poll_ && may_send(entry.socket) && now_ >= entry.sending_due &&
            entry.socket.age(now_).value >= age) {
            result.push_back(identity(entry.socket.record));
            if (entry.socket.cause == Cause::sending) {
                std::swap(result.back(), result[senders++]);
            }
        }
    }
    return result;
}

void Tracker::note_sending(Cookie cookie, const TcpInfo& info, Instant now) {
    const auto known = entries_.find(cookie);
    if (known == entries_.end() || !may_send(known->second.socket)) {
        return;
    }
    Entry& entry = known->second;
    if (const auto sent = last_sent(entry.socket, info, entry.bytes_acked, now)) {
        entry.socket.last_sent = sent;
    }
    entry.bytes_acked = info.bytes_acked;
    entry.sending_due = now + pause_before_next_look(entry.socket, now);
    entry.socket.cause = cause(entry.socket, now);
}

Changes Tracker::confirm_descriptors(std::span<const DescriptorAnswer> answers, Instant now) {
    Changes changes;
    for (DeadSockets::Ended& ended : dead_.confirm(answers, now)) {
        TrackedSocket& socket = ended.socket.socket;
        socket.record.state = TcpState::close_wait;
        end_by(socket, way(ended.how), Evidence::implied, ended.how, ended.socket.since, changes);
    }
    return changes;
}

}  // namespace halfclosed::tracking
