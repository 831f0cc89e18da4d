#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "records/socket_record.h"

namespace halfclosed::text {

/// Two lower-case digits for each byte.
std::string to_hex(std::string_view bytes);

/// The way back; nothing if it is not that.
std::optional<std::string> parse_hex(std::string_view digits);

/// Hexadecimal without a prefix, as ss prints it after "sk:": "5f3a".
std::string cookie_text(Cookie cookie);

/// The way back; nothing if it is not that.
std::optional<Cookie> parse_cookie(std::string_view text);

}  // namespace halfclosed::text
