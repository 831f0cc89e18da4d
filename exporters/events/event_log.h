#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "exporters/events/event.h"
#include "exporters/events/rate_limit.h"

namespace halfclosed::exporters {

enum class LogFormat {
    text,     ///< a line for a person
    json,     ///< an object a line
    journal,  ///< systemd's journal, with fields
};

/// Where events end up. Each kind may fill ten lines a second; what is above that becomes one line that says how many
/// there were.
class EventLog {
 public:
    static constexpr std::uint64_t kMostPerSecond = 10;

    /// Receives a finished event and when it happened.
    using Sink = std::function<void(const Event&, WallTime)>;

    explicit EventLog(Sink sink) : sink_(std::move(sink)) {}
    void write_to(Sink sink) { sink_ = std::move(sink); }

    void write(const Event& event, WallTime time, Instant now);

    /// Tells what was suppressed in a second that is over: to be called from time to time.
    void settle(WallTime time, Instant now);

 private:
    void tell_suppressed(Event::Kind kind, std::uint64_t count, WallTime time);

    Sink sink_;
    std::map<Event::Kind, RateLimit> limits_;
};

/// One line, without a newline: {"time":…,"level":"warning","event":"leak_began","message":…,"port":9999,…}.
std::string event_json(const Event& event, WallTime time);

/// MESSAGE, PRIORITY, SYSLOG_IDENTIFIER and HALFCLOSED_EVENT, and the event's own fields: "NAME=value".
std::vector<std::string> journal_fields(const Event& event);

/// Hands them to the journal. Nothing happens if no journal listens.
void send_to_journal(const Event& event);

}  // namespace halfclosed::exporters
