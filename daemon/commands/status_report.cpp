#include "commands/status_report.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "exporters/terminal/column_table.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed {

namespace {

using Json = nlohmann::json;

std::string duration(double seconds) {
    return text::duration_text(std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(seconds)));
}

/// "3.0s ago", or "never". `time` is in seconds since the epoch.
std::string ago(const Json& time, WallTime now) {
    if (!time.is_number()) {
        return "never";
    }
    const std::chrono::duration<double> since = now.time_since_epoch();
    return duration(since.count() - time.get<double>()) + " ago";
}

std::string joined(const Json& list) {
    std::string text;
    for (const Json& each : list) {
        text += (text.empty() ? "" : ", ") + each.get<std::string>();
    }
    return text;
}

std::string first_line(const Json& json, WallTime now) {
    std::string text =
        fmt::format("halfclosed {} (revision {}), pid {}", json.at("version").get<std::string>(),
                    json.at("revision").get<std::string>(), json.at("pid").get<int>());
    if (const Json& start = json.at("start_timestamp_seconds"); start.is_number()) {
        const std::chrono::duration<double> since = now.time_since_epoch();
        text += ", running for " + duration(since.count() - start.get<double>());
    }
    const std::string addresses = joined(json.at("addresses"));
    return text + (addresses.empty() ? "" : ", serving " + addresses) + ".";
}

std::string what_it_sees(const Json& json) {
    const std::string ports = json.at("ports").get<std::string>();
    if (!json.at("sees").get<bool>()) {
        return fmt::format("Watching {} and blind: {}.", ports, json.at("why").get<std::string>());
    }
    const auto half_closed = json.at("half_closed").get<std::uint64_t>();
    std::string text =
        fmt::format("Watching {}: {} half-closed {}, {} leaked, {} dead", ports, half_closed,
                    half_closed == 1 ? "socket" : "sockets", json.at("leaked").get<std::uint64_t>(),
                    json.at("dead").get<std::uint64_t>());
    const Json& others = json.at("unwatched");
    if (others.is_number() && others.get<std::uint64_t>() > 0) {
        text += fmt::format("; {} on other ports (--port all)", others.get<std::uint64_t>());
    }
    return text + ".";
}

std::string health(const Json& collector) {
    if (collector.at("success").get<bool>()) {
        return "works";
    }
    return collector.at("allowed").get<bool>() ? "FAILS" : "not allowed here";
}

std::string interval(const Json& collector) {
    const double now = collector.at("interval_seconds").get<double>();
    const double wanted = collector.at("wanted_interval_seconds").get<double>();
    return duration(now) + (now > wanted ? " (asked for: " + duration(wanted) + ")" : "");
}

std::string collectors(const Json& json, WallTime now, const text::TerminalStyle& style) {
    exporters::ColumnTable table(
        {{"COLLECTOR"}, {"HEALTH"}, {"TOOK", true}, {"LAST ANSWER", true}, {"EVERY"}});
    for (const Json& collector : json.at("collectors")) {
        const std::string word = health(collector);
        table.add({text::printable(collector.at("name").get<std::string>()), word,
                   duration(collector.at("duration_seconds").get<double>()),
                   ago(collector.at("last_success_timestamp_seconds"), now), interval(collector)},
                  word == "FAILS" ? text::Paint::red : text::Paint::plain);
    }
    return table.text(style);
}

std::string configuration(const Json& config, WallTime now) {
    if (!config.is_object()) {
        return {};
    }
    const std::string when = ago(config.at("last_success_timestamp_seconds"), now);
    return config.at("successful").get<bool>()
               ? "Configuration read " + when + "."
               : "The last reload failed; the configuration is that of " + when + ".";
}

std::string report_text(const Json& json, WallTime now, const text::TerminalStyle& style) {
    const auto sentence = [&style](const std::string& text) {
        return text::wrapped(text::printable(text), 0, style.width);
    };
    std::string text = sentence(first_line(json, now)) + sentence(what_it_sees(json));
    if (json.at("worst").is_string()) {
        text += sentence(json.at("worst").get<std::string>());
    }
    if (const auto hidden = json.find("unaccounted"); hidden != json.end() && hidden->is_string()) {
        text += sentence(hidden->get<std::string>());
    }
    text += "\n" + collectors(json, now, style) + "\n";
    text += sentence(configuration(json.at("config"), now));
    const Json& process = json.at("process");
    if (process.at("resident_bytes").is_number() && process.at("cpu_seconds").is_number()) {
        text += sentence(fmt::format("It has used {} of CPU time and {:.1f} MiB of memory.",
                                     duration(process.at("cpu_seconds").get<double>()),
                                     process.at("resident_bytes").get<double>() / (1024 * 1024)));
    }
    return text;
}

}  // namespace

StatusReport status_report(const std::string& text, WallTime now,
                           const text::TerminalStyle& style) {
    try {
        const Json json = Json::parse(text);
        if (json.at("schema") != "halfclosed.status/1") {
            throw std::runtime_error("the daemon's status is of a schema that is not known here");
        }
        return {report_text(json, now, style), json.at("sees").get<bool>()};
    } catch (const Json::exception& error) {
        throw std::runtime_error(std::string("the daemon's status cannot be read: ") +
                                 error.what());
    }
}

}  // namespace halfclosed
