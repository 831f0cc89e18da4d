#include "scenarios/packetdrill/cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "scenarios/packetdrill/script.h"

namespace halfclosed::scenarios::packetdrill {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kFlags = "SFRPUEW.";
constexpr std::int64_t kMicroseconds = 1'000'000;
/// A day: no script takes longer.
constexpr std::int64_t kMostSeconds = 86'400;

bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

bool is_word(char character) {
    return is_digit(character) || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || character == '_';
}

std::string_view leading(std::string_view text, bool (*belongs)(char)) {
    const auto end = std::find_if_not(text.begin(), text.end(), belongs);
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

}  // namespace

void Cursor::fail(const std::string& what) const {
    throw ScriptError(fmt::format("{}: line {}: {}", file_, line_, what));
}

void Cursor::advance(std::size_t count) {
    const std::string_view taken = text_.substr(place_, count);
    line_ += static_cast<std::size_t>(std::count(taken.begin(), taken.end(), '\n'));
    place_ += taken.size();
}

void Cursor::pass_gap() {
    while (place_ < text_.size()) {
        const std::string_view rest = text_.substr(place_);
        if (kBlanks.find(rest.front()) != std::string_view::npos) {
            advance(1);
        } else if (rest.starts_with("//")) {
            advance(std::min(rest.find('\n'), rest.size()));
        } else if (rest.starts_with("/*")) {
            const std::size_t end = rest.find("*/", 2);
            if (end == std::string_view::npos) {
                fail("a comment without end");
            }
            advance(end + 2);
        } else {
            return;
        }
    }
}

bool Cursor::at_end() {
    pass_gap();
    return place_ >= text_.size();
}

char Cursor::peek() {
    return at_end() ? '\0' : text_[place_];
}

bool Cursor::take(std::string_view symbol) {
    pass_gap();
    if (!text_.substr(place_).starts_with(symbol)) {
        return false;
    }
    advance(symbol.size());
    return true;
}

void Cursor::expect(std::string_view symbol) {
    if (!take(symbol)) {
        const char next = peek();
        const std::string found = at_end()                     ? "the script ends"
                                  : next >= ' ' && next <= '~' ? fmt::format("'{}'", next)
                                                               : "something else";
        fail(fmt::format("'{}' is expected, and here is {}", symbol, found));
    }
}

std::string Cursor::peek_word() {
    pass_gap();
    return std::string(leading(text_.substr(place_), is_word));
}

std::string Cursor::word() {
    std::string taken = peek_word();
    advance(taken.size());
    return taken;
}

std::string Cursor::flags() {
    pass_gap();
    std::string flags;
    while (place_ < text_.size() && kFlags.find(text_[place_]) != std::string_view::npos) {
        flags += text_[place_];
        advance(1);
    }
    std::string sorted;
    for (const char flag : kFlags) {
        const auto times = std::count(flags.begin(), flags.end(), flag);
        if (times > 1) {
            fail(fmt::format("the flag '{}' is given twice", flag));
        }
        sorted.append(static_cast<std::size_t>(times), flag);
    }
    return sorted;
}

std::int64_t Cursor::number() {
    pass_gap();
    const bool negative = take("-");
    const bool hexadecimal = text_.substr(place_).starts_with("0x");
    if (hexadecimal) {
        advance(2);
    }
    const std::string_view rest = text_.substr(place_);
    std::int64_t value = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), value, hexadecimal ? 16 : 10);
    if (error == std::errc::result_out_of_range) {
        fail("a number that is too large");
    }
    if (error != std::errc{} || rest.front() == '-') {
        fail("a number is expected");
    }
    advance(static_cast<std::size_t>(end - rest.data()));
    return negative ? -value : value;
}

std::uint32_t Cursor::number32() {
    const std::int64_t value = number();
    if (value < 0 || value > std::numeric_limits<std::uint32_t>::max()) {
        fail(fmt::format("{} is no number of 32 bits", value));
    }
    return static_cast<std::uint32_t>(value);
}

std::int64_t Cursor::seconds() {
    pass_gap();
    const std::string_view whole = leading(text_.substr(place_), is_digit);
    advance(whole.size());
    std::string decimals;
    const std::string_view rest = text_.substr(place_);
    // "0...0.2" is 0, and "..." after it.
    if (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
        decimals = leading(rest.substr(1), is_digit);
        advance(1 + decimals.size());
    }
    if (whole.empty() && decimals.empty()) {
        fail("a time in seconds is expected");
    }
    std::int64_t seconds = 0;
    std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
    if (whole.size() > 5 || seconds > kMostSeconds) {
        fail("a time of more than a day");
    }
    decimals.resize(6, '0');
    std::int64_t fraction = 0;
    std::from_chars(decimals.data(), decimals.data() + decimals.size(), fraction);
    return seconds * kMicroseconds + fraction;
}

std::string Cursor::rest_until(std::string_view end) {
    const std::size_t length = text_.substr(place_).find(end);
    if (length == std::string_view::npos) {
        fail(fmt::format("'{}' never comes", end));
    }
    std::string taken(text_.substr(place_, length));
    advance(length + end.size());
    return taken;
}

std::string Cursor::rest_of_line() {
    const std::string_view rest = text_.substr(place_);
    std::string taken(rest.substr(0, rest.find('\n')));
    advance(taken.size());
    return taken;
}

}  // namespace halfclosed::scenarios::packetdrill
