#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace halfclosed::text {

/// The width of what is no terminal: a line is as long as it must be.
inline constexpr std::size_t kNoWidth = 1'000'000;

/// How text for a terminal is to look.
struct TerminalStyle {
    std::size_t width = 80;  ///< columns
    bool color = false;
};

enum class Paint { plain, bold, dim, red, yellow, green, cyan };

/// `text` between the escape sequences of `paint`, or as it is if the style has no colour.
std::string painted(std::string_view text, Paint paint, const TerminalStyle& style);

/// `text` with spaces up to `width` columns, after it or before it; never cut.
std::string padded(std::string_view text, std::size_t width);
std::string padded_left(std::string_view text, std::size_t width);

/// `text` if it takes at most `width` columns, else as much of its start as leaves room for "…".
std::string cut(std::string_view text, std::size_t width);

/// `text` broken at spaces into lines of at most `width` columns, each behind `indent` spaces and
/// with a newline at its end. A word wider than that stands on a line of its own, whole.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace halfclosed::text
