#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::host {

// Text of /proc is lines of words. Each function takes what it returns off the front of its
// argument.

/// The next line without its newline; nothing at the end of the text. Throws Error, in the name of
/// `file`, when the text ends inside a line: then it was cut, and a number at its end is not the
/// number the kernel wrote.
std::optional<std::string_view> next_line(std::string_view& text, const std::string& file);

/// The next word of a line, words being separated by blanks; empty at its end.
std::string_view next_word(std::string_view& line);

/// The whole word as a decimal number; nothing when it is none or does not fit.
template <std::integral Number>
std::optional<Number> to_number(std::string_view word) {
    Number number{};
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, number);
    if (error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return number;
}

}  // namespace halfclosed::host
