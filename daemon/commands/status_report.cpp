#include "commands/status_report.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "exporters/terminal/column_table.h"
#include "text/json_value.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed {

namespace {

using text::JsonValue;

std::string duration(double seconds) {
    return text::duration_text(std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(seconds)));
}

/// "3.0s ago", or "never". `time` is in seconds since the epoch.
std::string ago(const JsonValue& time, WallTime now) {
    if (!time.is_number()) {
        return "never";
    }
    const std::chrono::duration<double> since = now.time_since_epoch();
    return duration(since.count() - time.number()) + " ago";
}

std::string joined(const JsonValue& list) {
    std::string text;
    for (const JsonValue& each : list.items()) {
        text += (text.empty() ? "" : ", ") + each.text();
    }
    return text;
}

std::string first_line(const JsonValue& json, WallTime now) {
    std::string text = fmt::format("halfclosed {} (revision {}), pid {}", json.at("version").text(),
                                   json.at("revision").text(), json.at("pid").whole<int>());
    if (const JsonValue& start = json.at("start_timestamp_seconds"); start.is_number()) {
        const std::chrono::duration<double> since = now.time_since_epoch();
        text += ", running for " + duration(since.count() - start.number());
    }
    const std::string addresses = joined(json.at("addresses"));
    return text + (addresses.empty() ? "" : ", serving " + addresses) + ".";
}

std::string what_it_sees(const JsonValue& json) {
    const std::string ports = json.at("ports").text();
    if (!json.at("sees").boolean()) {
        return fmt::format("Watching {} and blind: {}.", ports, json.at("why").text());
    }
    const auto half_closed = json.at("half_closed").whole<std::uint64_t>();
    std::string text = fmt::format("Watching {}: {} half-closed {}, {} leaked, {} dead", ports,
                                   half_closed, half_closed == 1 ? "socket" : "sockets",
                                   json.at("leaked").whole<std::uint64_t>(),
                                   json.at("dead").whole<std::uint64_t>());
    const JsonValue& others = json.at("unwatched");
    if (others.is_number() && others.whole<std::uint64_t>() > 0) {
        text += fmt::format("; {} on other ports (--port all)", others.whole<std::uint64_t>());
    }
    return text + ".";
}

std::string health(const JsonValue& collector) {
    if (collector.at("success").boolean()) {
        return "works";
    }
    return collector.at("allowed").boolean() ? "FAILS" : "not allowed here";
}

std::string interval(const JsonValue& collector) {
    const double now = collector.at("interval_seconds").number();
    const double wanted = collector.at("wanted_interval_seconds").number();
    return duration(now) + (now > wanted ? " (asked for: " + duration(wanted) + ")" : "");
}

std::string collectors(const JsonValue& json, WallTime now, const text::TerminalStyle& style) {
    exporters::ColumnTable table(
        {{"COLLECTOR"}, {"HEALTH"}, {"TOOK", true}, {"LAST ANSWER", true}, {"EVERY"}});
    for (const JsonValue& collector : json.at("collectors").items()) {
        const std::string word = health(collector);
        table.add({text::printable(collector.at("name").text()), word,
                   duration(collector.at("duration_seconds").number()),
                   ago(collector.at("last_success_timestamp_seconds"), now), interval(collector)},
                  word == "FAILS" ? text::Paint::red : text::Paint::plain);
    }
    return table.text(style);
}

std::string configuration(const JsonValue& config, WallTime now) {
    if (!config.is(JsonValue::Kind::object)) {
        return {};
    }
    const std::string when = ago(config.at("last_success_timestamp_seconds"), now);
    return config.at("successful").boolean()
               ? "Configuration read " + when + "."
               : "The last reload failed; the configuration is that of " + when + ".";
}

std::string report_text(const JsonValue& json, WallTime now, const text::TerminalStyle& style) {
    const auto sentence = [&style](const std::string& text) {
        return text::wrapped(text::printable(text), 0, style.width);
    };
    std::string text = sentence(first_line(json, now)) + sentence(what_it_sees(json));
    if (json.at("worst").is(JsonValue::Kind::text)) {
        text += sentence(json.at("worst").text());
    }
    if (const std::string hidden = json.text_of("unaccounted"); !hidden.empty()) {
        text += sentence(hidden);
    }
    text += "\n" + collectors(json, now, style) + "\n";
    text += sentence(configuration(json.at("config"), now));
    const JsonValue& process = json.at("process");
    if (process.at("resident_bytes").is_number() && process.at("cpu_seconds").is_number()) {
        text += sentence(fmt::format("It has used {} of CPU time and {:.1f} MiB of memory.",
                                     duration(process.at("cpu_seconds").number()),
                                     process.at("resident_bytes").number() / (1024 * 1024)));
    }
    return text;
}

}  // namespace

StatusReport status_report(const std::string& text, WallTime now,
                           const text::TerminalStyle& style) {
    try {
        const JsonValue json = text::parse_json(text);
        if (json.at("schema").text() != "halfclosed.status/1") {
            throw std::runtime_error("the daemon's status is of a schema that is not known here");
        }
        return {report_text(json, now, style), json.at("sees").boolean()};
    } catch (const text::JsonError& error) {
        throw std::runtime_error(std::string("the daemon's status cannot be read: ") +
                                 error.what());
    }
}

}  // namespace halfclosed
