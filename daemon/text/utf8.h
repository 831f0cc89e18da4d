#pragma once

#include <string>
#include <string_view>

namespace halfclosed::text {

/// `text` with every byte that is not part of valid UTF-8 (RFC 3629: no overlong form, no
/// surrogate, nothing past U+10FFFF), and every NUL, replaced by U+FFFD. One bad byte in a label
/// makes Prometheus drop the whole scrape.
std::string valid_utf8(std::string_view text);

/// valid_utf8() without control characters (C0, DEL, C1), which would reach a terminal as commands.
std::string printable(std::string_view text);

/// Columns that `text`, valid UTF-8, takes on a terminal, each character as one.
std::size_t columns(std::string_view text);

}  // namespace halfclosed::text
