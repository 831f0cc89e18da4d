#include "service/event_recorder.h"

#include "exporters/events/event.h"

namespace halfclosed {

void EventRecorder::note(const tracking::Changes& changes, WallTime time, Instant now) {
    for (const tracking::StateEnd& end : changes.ends) {
        if (end.how == tracking::StateEnd::How(tracking::FinWait2End::expired)) {
            log_.write(exporters::fin_wait2_expired(end), time, now);
        }
    }
}

void EventRecorder::note(const exporters::Snapshot& snapshot) {
    log_.settle(snapshot.time, snapshot.instant);
    // A look that failed says nothing about leaks: they neither began nor ended.
    if (snapshot.closing) {
        const tracking::LeakChanges changes =
            leaks_.observe(snapshot.sockets, snapshot.dead, snapshot.leak_after, snapshot.instant);
        note_leaks(changes.began, exporters::leak_began, snapshot);
        note_leaks(changes.died, exporters::leak_died, snapshot);
        note_leaks(changes.ended, exporters::leak_ended, snapshot);
        note_leaks(changes.resumed, exporters::leak_resumed, snapshot);
    }
    if (snapshot.census && snapshot.census->reconciliation) {
        const tracking::Reconciliation& counts = *snapshot.census->reconciliation;
        for (const tracking::Count count : tracking::kCounts) {
            note_mismatch(name(count), counts[count], told_[count], snapshot);
        }
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
