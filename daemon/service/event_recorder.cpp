#include "service/event_recorder.h"

#include <utility>

#include "exporters/events/event.h"

namespace halfclosed {

void EventRecorder::note(const tracking::Changes& changes, WallTime time, Instant now) {
    for (const tracking::StateEnd& end : changes.ends) {
        const auto leak = known_.find(end.socket.cookie);
        if (leak != known_.end() && end.state == TcpState::close_wait) {
            const char* const how = name(end.how);
            leak->second.how = how != nullptr ? how : "unknown";
        }
        if (end.how == tracking::StateEnd::How(tracking::FinWait2End::expired)) {
            log_.write(exporters::fin_wait2_expired(end), time, now);
        }
    }
}

void EventRecorder::note(const exporters::Snapshot& snapshot) {
    log_.settle(snapshot.time, snapshot.instant);
    // A look that failed says nothing about leaks: they neither began nor ended.
    if (snapshot.closing) {
        note_leaks(snapshot);
    }
    if (snapshot.census && snapshot.census->reconciliation) {
        const tracking::Reconciliation& counts = *snapshot.census->reconciliation;
        for (const tracking::Count count : tracking::kCounts) {
            note_mismatch(name(count), counts[count], told_[count], snapshot);
        }
    }
}

void EventRecorder::note_leaks(const exporters::Snapshot& snapshot) {
    const tracking::LeakChanges changes =
        leaks_.observe(snapshot.sockets, snapshot.dead, snapshot.leak_after, snapshot.instant);
    for (const tracking::TrackedSocket& socket : changes.began) {
        known_[socket.record.cookie] = {};
    }
    // Who holds it may be found, and may change, while it lasts.
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        remember_owner(socket.record, snapshot);
    }
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        remember_owner(dead.socket.record, snapshot);
    }
    note_leaks(changes.began, exporters::leak_began, snapshot);
    note_leaks(changes.died, exporters::leak_died, snapshot);
    for (const tracking::TrackedSocket& socket : changes.ended) {
        const Leak leak = std::move(known_[socket.record.cookie]);
        known_.erase(socket.record.cookie);
        log_.write(exporters::leak_ended(socket, leak.owner ? &*leak.owner : nullptr, leak.how,
                                         snapshot.instant),
                   snapshot.time, snapshot.instant);
    }
    note_leaks(changes.resumed, exporters::leak_resumed, snapshot);
    for (const tracking::TrackedSocket& socket : changes.resumed) {
        known_.erase(socket.record.cookie);
    }
}

void EventRecorder::remember_owner(const SocketRecord& socket,
                                   const exporters::Snapshot& snapshot) {
    const auto leak = known_.find(socket.cookie);
    const Owner* const owner = leak == known_.end() ? nullptr : snapshot.owner(socket);
    if (owner != nullptr && leak->second.owner != *owner) {
        leak->second.owner = *owner;
    }
}

void EventRecorder::note_leaks(const std::vector<tracking::TrackedSocket>& sockets, LeakEvent event,
                               const exporters::Snapshot& snapshot) {
    for (const tracking::TrackedSocket& socket : sockets) {
        log_.write(event(socket, snapshot.owner(socket.record), snapshot.instant), snapshot.time,
                   snapshot.instant);
    }
}

void EventRecorder::note_mismatch(const char* field, const tracking::Reconciled& counts, bool& told,
                                  const exporters::Snapshot& snapshot) {
    if (!counts.agrees && !told) {
        log_.write(exporters::reconciliation_mismatch(field, counts), snapshot.time,
                   snapshot.instant);
    }
    told = !counts.agrees;
}

}  // namespace halfclosed
