#include "exporters/events/event_log.h"

#include <nlohmann/json.hpp>

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
    nlohmann::ordered_json line;
    line["time"] = text::rfc3339(time);
    line["level"] = event.severity == Event::Severity::warning ? "warning" : "info";
    line["event"] = name(event.kind);
    line["message"] = text::printable(event.message);
    for (const auto& [field, value] : event.fields) {
        if (const auto* const number = std::get_if<std::int64_t>(&value)) {
            line[field] = *number;
        } else {
            line[field] = text::printable(std::get<std::string>(value));
        }
    }
    return line.dump();
}

}  // namespace halfclosed::exporters
