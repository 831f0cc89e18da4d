#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::text {

/// Takes the next word, words being separated by blanks, off the front of `line`; empty at its end.
std::string_view next_word(std::string_view& line);

/// Without the blanks and tabs at both ends.
std::string_view trimmed(std::string_view text);

/// "1 socket", "2 sockets".
std::string counted(std::uint64_t count, std::string_view noun);

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
