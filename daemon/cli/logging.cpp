#include "cli/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "text/json.h"
#include "text/log.h"
#include "text/nearest.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed {

namespace {

/// Whether standard error is connected to the journal: systemd.exec(5), $JOURNAL_STREAM.
bool is_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) {
        return false;
    }
    return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

LogFormat format_in_force(const CommonOptions& common) {
    if (common.log_format != LogFormat::automatic) {
        return common.log_format;
    }
    return is_journal() ? LogFormat::journal : LogFormat::text;
}

/// A message is one line, whatever the texts from outside in it are.
std::string clean(const spdlog::details::log_msg& message) {
    return text::printable({message.payload.data(), message.payload.size()});
}

/// For people: the time, the level in its colour, the message.
class TextFormatter : public spdlog::formatter {
 public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
        const std::string text = clean(message);
        spdlog::details::log_msg cleaned = message;
        cleaned.payload = text;
        pattern_.format(cleaned, line);
        message.color_range_start = cleaned.color_range_start;
        message.color_range_end = cleaned.color_range_end;
    }
    std::unique_ptr<formatter> clone() const override { return std::make_unique<TextFormatter>(); }

 private:
    spdlog::pattern_formatter pattern_{"%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v"};
};

/// The same shape as an event's line: {"time":…,"level":…,"message":…}.
class JsonFormatter : public spdlog::formatter {
 public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
        text::Json object;
        const auto level = spdlog::level::to_string_view(message.level);
        object.add("time",
                   text::rfc3339(std::chrono::time_point_cast<WallTime::duration>(message.time)));
        object.add("level", std::string(level.data(), level.size()));
        object.add("message", clean(message));
        const std::string text = object.dump() + "\n";
        line.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

/// sd-daemon(3): the journal reads the priority off the start of the line.
class JournalFormatter : public spdlog::formatter {
 public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
        const int priority = message.level >= spdlog::level::err    ? 3
                             : message.level == spdlog::level::warn ? 4
                             : message.level == spdlog::level::info ? 6
                                                                    : 7;
        const std::string text = "<" + std::to_string(priority) + ">" + clean(message) + "\n";
        line.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<formatter> clone() const override {
        return std::make_unique<JournalFormatter>();
    }
};

std::unique_ptr<spdlog::formatter> formatter(LogFormat format) {
    switch (format) {
        case LogFormat::json:
            return std::make_unique<JsonFormatter>();
        case LogFormat::journal:
            return std::make_unique<JournalFormatter>();
        case LogFormat::text:
        case LogFormat::automatic:
            break;
    }
    return std::make_unique<TextFormatter>();
}

void write_to_spdlog(log::Level level, std::string_view message) {
    const auto spdlogs = level == log::Level::error     ? spdlog::level::err
                         : level == log::Level::warning ? spdlog::level::warn
                                                        : spdlog::level::info;
    spdlog::default_logger_raw()->log(spdlogs,
                                      spdlog::string_view_t{message.data(), message.size()});
}

void write_as_text(const exporters::Event& event) {
    if (event.severity == exporters::Event::Severity::warning) {
        log::warn("{}", event.message);
    } else {
        log::info("{}", event.message);
    }
}

}  // namespace

std::string parse_log_level(const std::string& level) {
    static const std::vector<std::string> kLevels{"trace", "debug", "info", "warn", "error", "off"};
    if (std::find(kLevels.begin(), kLevels.end(), level) == kLevels.end()) {
        throw std::invalid_argument(text::not_one_of(level, "a level", kLevels));
    }
    return level;
}

LogFormat parse_log_format(const std::string& format) {
    if (format == "auto") {
        return LogFormat::automatic;
    }
    if (format == "text") {
        return LogFormat::text;
    }
    if (format == "json") {
        return LogFormat::json;
    }
    if (format == "journal") {
        return LogFormat::journal;
    }
    throw std::invalid_argument(
        text::not_one_of(format, "a format", {"auto", "text", "json", "journal"}));
}

void start_logging(const CommonOptions& common) {
    const auto mode =
        common.color_on(STDERR_FILENO) ? spdlog::color_mode::always : spdlog::color_mode::never;
    auto logger = std::make_shared<spdlog::logger>(
        "halfclosed", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(mode));
    logger->set_level(spdlog::level::from_str(parse_log_level(common.log_level)));
    logger->set_formatter(formatter(format_in_force(common)));
    spdlog::set_default_logger(std::move(logger));
    log::set_sink(write_to_spdlog);
}

bool log_is_structured(const CommonOptions& common) {
    return format_in_force(common) != LogFormat::text;
}

exporters::EventLog::Sink event_sink(const CommonOptions& common) {
    switch (format_in_force(common)) {
        case LogFormat::json:
            return [](const exporters::Event& event, WallTime time) {
                std::fprintf(stderr, "%s\n", exporters::event_json(event, time).c_str());
            };
        case LogFormat::journal:
            return
                [](const exporters::Event& event, WallTime) { exporters::send_to_journal(event); };
        case LogFormat::text:
        case LogFormat::automatic:
            break;
    }
    return [](const exporters::Event& event, WallTime) { write_as_text(event); };
}

}  // namespace halfclosed
