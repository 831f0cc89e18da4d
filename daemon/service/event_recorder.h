#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "exporters/events/event_log.h"
#include "exporters/snapshot/snapshot.h"
#include "tracking/leak_watch.h"

namespace halfclosed {

/// Writes what an operator may look for afterwards into the event log: leaks that begin and end, FIN-WAIT-2 that
/// expired, counts that disagree.
class EventRecorder {
 public:
    explicit EventRecorder(exporters::EventLog::Sink sink) : log_(std::move(sink)) {}

    /// From now on; what was counted for rate limits stays.
    void write_to(exporters::EventLog::Sink sink) { log_.write_to(std::move(sink)); }

    void note(const tracking::Changes& changes, WallTime time, Instant now);
    void note(const exporters::Snapshot& snapshot);
    void note(const exporters::Event& event, WallTime time, Instant now) {
        log_.write(event, time, now);
    }

 private:
    using LeakEvent = exporters::Event (*)(const tracking::TrackedSocket&, const Owner*, Instant);
    void note_leaks(const exporters::Snapshot& snapshot);
    void note_leaks(const std::vector<tracking::TrackedSocket>& sockets, LeakEvent event,
                    const exporters::Snapshot& snapshot);
    void remember_owner(const SocketRecord& socket, const exporters::Snapshot& snapshot);
    void note_mismatch(const char* field, const tracking::Reconciled& counts, bool& told,
                       const exporters::Snapshot& snapshot);

    exporters::EventLog log_;
    tracking::LeakWatch leaks_;
    tracking::PerCount<bool> told_;  ///< that a count disagrees

    /// What the end of a leak is told with: the socket is in no snapshot any more by then.
    struct Leak {
        std::optional<Owner> owner;
        std::string how = "unknown";
    };
    std::unordered_map<Cookie, Leak> known_;
};

}  // namespace halfclosed
