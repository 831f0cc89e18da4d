#include "service/event_recorder.h"

#include "exporters/events/event.h"

namespace halfclosed {

void EventRecorder::note(const tracking::Changes& changes, WallTime time, Instant now) {
    for (const tracking::Ending& ending : changes.endings) {
        if (ending.fin_wait2 == tracking::FinWait2End::expired) {
            log_.write(exporters::fin_wait2_expired(ending), time, now);
        }
    }
}

void EventRecorder::note(const exporters::Snapshot& snapshot) {
    log_.settle(snapshot.time, snapshot.instant);
    // A look that failed says nothing about leaks: they neither began nor ended.
    if (snapshot.closing) {
        const tracking::LeakChanges changes =
            leaks_.observe(snapshot.sockets, snapshot.leak_after, snapshot.instant);
        for (const tracking::TrackedSocket& socket : changes.began) {
            log_.write(
                exporters::leak_began(socket, snapshot.owner(socket.record), snapshot.instant),
                snapshot.time, snapshot.instant);
        }
        for (const tracking::TrackedSocket& socket : changes.ended) {
            log_.write(
                exporters::leak_ended(socket, snapshot.owner(socket.record), snapshot.instant),
                snapshot.time, snapshot.instant);
        }
    }
    if (snapshot.census && snapshot.census->reconciliation) {
        const tracking::Reconciliation& counts = *snapshot.census->reconciliation;
        note_mismatch("inuse", counts.inuse, told_.inuse, snapshot);
        note_mismatch("inuse6", counts.inuse6, told_.inuse6, snapshot);
        note_mismatch("orphan", counts.orphan, told_.orphan, snapshot);
        note_mismatch("tw", counts.tw, told_.tw, snapshot);
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
