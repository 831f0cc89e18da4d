#pragma once

#include "exporters/event_log.h"
#include "exporters/report.h"
#include "tracking/leak_watch.h"

namespace halfclosed {

/// Writes what an operator may look for afterwards into the event log: leaks that begin and end, FIN-WAIT-2 that
/// expired, counts that disagree.
class Chronicle {
 public:
    explicit Chronicle(exporters::EventLog::Sink sink) : log_(std::move(sink)) {}

    void note(const tracking::Changes& changes, exporters::WallTime time, tracking::Instant now);
    void note(const exporters::Report& report);
    void note(const exporters::Event& event, exporters::WallTime time, tracking::Instant now) {
        log_.write(event, time, now);
    }

 private:
    void note_mismatch(const char* field, const tracking::Reconciled& counts, bool& told,
                       const exporters::Report& report);

    exporters::EventLog log_;
    tracking::LeakWatch leaks_;
    struct Told {
        bool inuse = false;
        bool inuse6 = false;
        bool orphan = false;
        bool tw = false;
    } told_;
};

}  // namespace halfclosed
