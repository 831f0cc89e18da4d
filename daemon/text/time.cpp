#include "text/time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace halfclosed::text {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

template <typename... Values>
std::string formatted(const char* format, Values... values) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

/// Whole seconds since the epoch, and the milliseconds after them, also before 1970.
std::pair<std::time_t, int> split(WallTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = duration_cast<milliseconds>(time - whole);
    return {std::chrono::system_clock::to_time_t(whole), static_cast<int>(rest.count())};
}

}  // namespace

std::string rfc3339(WallTime time) {
    const auto [whole, rest] = split(time);
    std::tm utc{};
    gmtime_r(&whole, &utc);
    return formatted("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, rest);
}

std::string local_time_of_day(WallTime time) {
    const auto [whole, rest] = split(time);
    std::tm local{};
    localtime_r(&whole, &local);
    return formatted("%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec, rest);
}

std::string duration_text(std::chrono::nanoseconds duration) {
    const long long us = std::max<long long>(duration_cast<microseconds>(duration).count(), 0);
    const long long ms = us / 1000;
    const long long s = ms / 1000;
    if (us >= 100 && us < 10'000) {
        return formatted("%lld.%lldms", ms, us % 1000 / 100);
    }
    if (s < 1) {
        return formatted("%lldms", ms);
    }
    if (s < 10) {
        return formatted("%lld.%llds", s, ms % 1000 / 100);
    }
    if (s < 60) {
        return formatted("%llds", s);
    }
    if (s < 3600) {
        return formatted("%lldm%02llds", s / 60, s % 60);
    }
    if (s < 86400) {
        return formatted("%lldh%02lldm", s / 3600, s % 3600 / 60);
    }
    return formatted("%lldd%02lldh", s / 86400, s % 86400 / 3600);
}

std::string precise_duration_text(std::chrono::nanoseconds time) {
    const double milliseconds = std::chrono::duration<double, std::milli>(time).count();
    if (time > std::chrono::nanoseconds{0} && milliseconds < 0.0995) {
        return formatted("%.0f us", milliseconds * 1000);
    }
    if (milliseconds < 999.95) {
        return formatted("%.1f ms", milliseconds);
    }
    if (milliseconds < 999'999.5) {
        return formatted("%.3f s", milliseconds / 1000);
    }
    if (milliseconds < 360'000'000) {
        return formatted("%.0f s", milliseconds / 1000);
    }
    return formatted("%.0f h", milliseconds / 3'600'000);
}

double seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

std::chrono::nanoseconds parse_duration(const std::string& text) {
    struct Unit {
        std::string_view name;
        double nanoseconds;
    };
    // The larger first; of two that begin alike the longer.
    constexpr std::array<Unit, 6> kUnits{
        {{"d", 86400e9}, {"h", 3600e9}, {"ms", 1e6}, {"m", 60e9}, {"us", 1e3}, {"s", 1e9}}};
    double total = 0;
    double smallest = std::numeric_limits<double>::infinity();
    const char* place = text.data();
    const char* const end = place + text.size();
    while (place != end) {
        double number = 0;
        const auto [stop, error] = std::from_chars(place, end, number, std::chars_format::fixed);
        const std::string_view rest(stop, static_cast<std::size_t>(end - stop));
        const auto* const unit =
            std::find_if(kUnits.begin(), kUnits.end(),
                         [rest](const Unit& each) { return rest.starts_with(each.name); });
        const bool sound = error == std::errc{} && std::isfinite(number) && !std::signbit(number) &&
                           unit != kUnits.end() && unit->nanoseconds < smallest;
        if (!sound) {
            break;
        }
        smallest = unit->nanoseconds;
        total += number * unit->nanoseconds;
        place = stop + unit->name.size();
    }
    constexpr auto kMost = static_cast<double>(std::numeric_limits<std::int64_t>::max());
    if (text.empty() || place != end || total >= kMost) {
        throw std::invalid_argument("'" + text + "' is not a duration (500ms, 2s, 5m, 1h30m)");
    }
    return std::chrono::nanoseconds{std::llround(total)};
}

}  // namespace halfclosed::text
