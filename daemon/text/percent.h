#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::text {

/// A part of a URL with its %XX made bytes; nothing if a % has no two hexadecimal digits behind it.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace halfclosed::text
