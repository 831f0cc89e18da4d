#include "service/event_recorder.h"

#include "exporters/events/event.h"

namespace halfclosed {

void Chronicle::note(const tracking::Changes& changes, WallTime time, Instant now) {
    for (const tracking::Ending& ending : changes.endings) {
        if (ending.fin_wait2 == tracking::FinWait2End::expired) {
            log_.write(exporters::fin_wait2_expired(ending), time, now);
        }
    }
}

void Chronicle::note(const exporters::Report& report) {
    log_.settle(report.time, report.instant);
    // A look that failed says nothing about leaks: they neither began nor ended.
    if (report.closing) {
        const tracking::LeakChanges changes =
            leaks_.observe(report.sockets, report.leak_after, report.instant);
        for (const tracking::TrackedSocket& socket : changes.began) {
            log_.write(exporters::leak_began(socket, report.owner(socket.record), report.instant),
                       report.time, report.instant);
        }
        for (const tracking::TrackedSocket& socket : changes.ended) {
            log_.write(exporters::leak_ended(socket, report.owner(socket.record), report.instant),
                       report.time, report.instant);
        }
    }
    if (report.census && report.census->reconciliation) {
        const tracking::Reconciliation& counts = *report.census->reconciliation;
        note_mismatch("inuse", counts.inuse, told_.inuse, report);
        note_mismatch("inuse6", counts.inuse6, told_.inuse6, report);
        note_mismatch("orphan", counts.orphan, told_.orphan, report);
        note_mismatch("tw", counts.tw, told_.tw, report);
    }
}

void Chronicle::note_mismatch(const char* field, const tracking::Reconciled& counts, bool& told,
                              const exporters::Report& report) {
    if (!counts.agrees && !told) {
        log_.write(exporters::reconciliation_mismatch(field, counts), report.time, report.instant);
    }
    told = !counts.agrees;
}

}  // namespace halfclosed
