#include "exporters/events/event_log.h"

#include "text/json.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

void EventLog::write(const Event& event, WallTime time, Instant now) {
    RateLimit& limit = limits_.try_emplace(event.kind, kMostPerSecond).first->second;
    const RateLimit::Answer answer = limit.ask(now);
    if (answer.suppressed > 0) {
        tell_suppressed(event.kind, answer.suppressed, time);
    }
    if (answer.admitted) {
        sink_(event, time);
    }
}

void EventLog::settle(WallTime time, Instant now) {
    for (auto& [kind, limit] : limits_) {
        if (const std::uint64_t suppressed = limit.settle(now); suppressed > 0) {
            tell_suppressed(kind, suppressed, time);
        }
    }
}

void EventLog::tell_suppressed(Event::Kind kind, std::uint64_t count, WallTime time) {
    Event event;
    event.kind = kind;
    event.message = "suppressed " + std::to_string(count) + " more " + name(kind) + " events";
    event.fields = {{"suppressed", static_cast<std::int64_t>(count)}};
    sink_(event, time);
}

std::string event_json(const Event& event, WallTime time) {
    text::Json line;
    line.add("time", text::rfc3339(time));
    line.add("level", event.severity == Event::Severity::warning ? "warning" : "info");
    line.add("event", name(event.kind));
    line.add("message", text::printable(event.message));
    for (const auto& [field, value] : event.fields) {
        if (const auto* const number = std::get_if<std::int64_t>(&value)) {
            line.add(field, *number);
        } else {
            line.add(field, text::printable(std::get<std::string>(value)));
        }
    }
    return line.dump();
}

}  // namespace halfclosed::exporters
