#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::text {

/// Two small digits for each byte.
std::string to_hex(std::string_view bytes);

/// The way back; nothing where it is not that.
std::optional<std::string> parse_hex(std::string_view digits);

}  // namespace halfclosed::text
