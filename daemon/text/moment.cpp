#include "text/moment.h"

#include <algorithm>
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

/// A date and a time of day, with the part of a second that std::tm has no place for.
struct Calendar {
    std::tm time{};
    std::chrono::nanoseconds fraction{0};
};

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
    using namespace std::chrono;
    const year_month_day date{std::chrono::year{*year},
                              std::chrono::month{static_cast<unsigned>(*month)},
                              std::chrono::day{static_cast<unsigned>(day.value_or(0))}};
    if (!date.ok()) {
        return false;
    }
    time.tm_year = *year - 1900;
    time.tm_mon = *month - 1;
    time.tm_mday = *day;
    return true;
}

/// The digits behind a point, at least one.
std::optional<std::chrono::nanoseconds> take_fraction(std::string_view& text) {
    std::chrono::nanoseconds fraction{0};
    std::chrono::nanoseconds place = std::chrono::seconds{1};
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        place /= 10;
        fraction += place * (text.front() - '0');
        text.remove_prefix(1);
    }
    return place < std::chrono::seconds{1} ? std::optional(fraction) : std::nullopt;
}

/// "03:12", "03:12:05", "03:12:05.678"
bool take_time(std::string_view& text, Calendar& calendar) {
    std::tm& time = calendar.time;
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
    if (!take(text, ".")) {
        return true;
    }
    const auto fraction = take_fraction(text);
    calendar.fraction = fraction.value_or(std::chrono::nanoseconds{0});
    return fraction.has_value();
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

/// WallTime has room for the years 1678 to 2261: what is beyond ends in 1684 or in 2255.
WallTime wall_time(std::time_t seconds) {
    constexpr std::time_t kFarthest = 9'000'000'000;
    return system_clock::from_time_t(std::clamp(seconds, -kFarthest, kFarthest));
}

WallTime local(Calendar calendar) {
    calendar.time.tm_isdst = -1;
    return wall_time(std::mktime(&calendar.time)) + calendar.fraction;
}

std::optional<WallTime> parse_date_and_time(std::string_view text) {
    Calendar time;
    if (!take_date(text, time.time)) {
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
    return offset ? std::optional(wall_time(timegm(&time.time)) + time.fraction -
                                  std::chrono::seconds{*offset})
                  : std::nullopt;
}

std::optional<WallTime> parse_time_of_day(std::string_view text, WallTime now) {
    const std::time_t present = system_clock::to_time_t(now);
    Calendar time;
    localtime_r(&present, &time.time);
    if (!take_time(text, time) || !text.empty()) {
        return std::nullopt;
    }
    if (local(time) > now) {
        --time.time.tm_mday;  // mktime(3) puts it right
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
