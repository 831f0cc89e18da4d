#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace halfclosed::text {

/// Takes the next word, words being separated by blanks, off the front of `line`; empty at its end.
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

}  // namespace halfclosed::text
