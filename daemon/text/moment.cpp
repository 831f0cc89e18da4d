#include "text/moment.h"

#include <chrono>
#include <ctime>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "text/time.h"
#include "text/words.h"

namespace halfclosed::text {

namespace {

using std::chrono::system_clock;

/// Takes `digits` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    const std::string_view word = text.substr(0, digits);
    const auto number = to_number<unsigned>(word);
    if (word.size() < digits || !number) {
        return std::nullopt;
    }
    text.remove_prefix(digits);
    return static_cast<int>(*number);
}

bool take(std::string_view& text, std::string_view one_of) {
    if (text.empty() || one_of.find(text.front()) == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

bool take_date(std::string_view& text, std::tm& time) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, "-")) {
        return false;
    }
    const auto month = take_number(text, 2);
    if (!month || *month < 1 || *month > 12 || !take(text, "-")) {
        return false;
    }
    const auto day = take_number(text, 2);
    if (!day || *day < 1 || *day > 31) {
        return false;
    }
    time.tm_year = *year - 1900;
    time.tm_mon = *month - 1;
    time.tm_mday = *day;
    return true;
}

/// "03:12", "03:12:05", "03:12:05.678": fractions are taken and left out.
bool take_time(std::string_view& text, std::tm& time) {
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ":")) {
        return false;
    }
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59) {
        return false;
    }
    time.tm_hour = *hour;
    time.tm_min = *minute;
    time.tm_sec = 0;
    if (!take(text, ":")) {
        return true;
    }
    const auto second = take_number(text, 2);
    if (!second || *second > 60) {
        return false;
    }
    time.tm_sec = *second;
    if (take(text, ".")) {
        while (take(text, "0123456789")) {
        }
    }
    return true;
}

/// Of "Z" or "+01:00", in seconds east.
std::optional<int> zone_offset(std::string_view text) {
    if (text == "Z" || text == "z") {
        return 0;
    }
    const bool east = text.starts_with('+');
    if (!take(text, "+-")) {
        return std::nullopt;
    }
    const auto hours = take_number(text, 2);
    if (!hours || !take(text, ":")) {
        return std::nullopt;
    }
    const auto minutes = take_number(text, 2);
    if (!minutes || !text.empty()) {
        return std::nullopt;
    }
    return (east ? 1 : -1) * (*hours * 3600 + *minutes * 60);
}

WallTime local(std::tm time) {
    time.tm_isdst = -1;
    return system_clock::from_time_t(std::mktime(&time));
}

std::optional<WallTime> parse_date_and_time(std::string_view text) {
    std::tm time{};
    if (!take_date(text, time)) {
        return std::nullopt;
    }
    if (text.empty()) {
        return local(time);
    }
    if (!take(text, "Tt ") || !take_time(text, time)) {
        return std::nullopt;
    }
    if (text.empty()) {
        return local(time);
    }
    const auto offset = zone_offset(text);
    return offset ? std::optional(system_clock::from_time_t(timegm(&time)) -
                                  std::chrono::seconds{*offset})
                  : std::nullopt;
}

std::optional<WallTime> parse_time_of_day(std::string_view text, WallTime now) {
    const std::time_t present = system_clock::to_time_t(now);
    std::tm time{};
    localtime_r(&present, &time);
    if (!take_time(text, time) || !text.empty()) {
        return std::nullopt;
    }
    if (local(time) > now) {
        --time.tm_mday;  // mktime(3) puts it right
    }
    return local(time);
}

std::optional<WallTime> parse_ago(const std::string& text, WallTime now) {
    try {
        return now - parse_duration(text);
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

}  // namespace

WallTime parse_moment(const std::string& text, WallTime now) {
    if (text == "now") {
        return now;
    }
    std::optional<WallTime> time = parse_date_and_time(text);
    if (!time) {
        time = parse_time_of_day(text, now);
    }
    if (!time) {
        time = parse_ago(text, now);
    }
    if (!time) {
        throw std::invalid_argument("'" + text +
                                    "' is no time (03:12, 2026-11-27T03:12:00Z, or 15m for 15 "
                                    "minutes ago)");
    }
    if (*time > now) {
        throw std::invalid_argument("'" + text + "' is in the future");
    }
    return *time;
}

}  // namespace halfclosed::text
