#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace halfclosed::text {

/// Where the first control character is at or after `from`, one that a terminal would obey: C0, DEL,
/// and C1 in UTF-8; npos where there is none.
std::size_t find_control(std::string_view text, std::size_t from = 0);

/// The text with a question mark in the place of each.
std::string without_controls(std::string text);

}  // namespace halfclosed::text
