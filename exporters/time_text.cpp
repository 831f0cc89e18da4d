#include "exporters/time_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

namespace halfclosed::exporters {

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

std::string age_text(const tracking::Age& age) {
    const std::string text = duration_text(age.value);
    switch (age.kind) {
        case tracking::Age::Kind::observed:
            return text;
        case tracking::Age::Kind::estimated:
            return "~ " + text;
        case tracking::Age::Kind::at_least:
            return "≥ " + text;
    }
    return text;
}

std::string ago_text(const tracking::Age& age) {
    const std::string text = duration_text(age.value) + " ago";
    switch (age.kind) {
        case tracking::Age::Kind::observed:
            return text;
        case tracking::Age::Kind::estimated:
            return "about " + text;
        case tracking::Age::Kind::at_least:
            // A bound of nothing says only that it was before the first look.
            return age.value < std::chrono::seconds(1) ? "some time ago" : "at least " + text;
    }
    return text;
}

}  // namespace halfclosed::exporters
