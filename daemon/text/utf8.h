#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace halfclosed::text {

// Text that came from outside (a name of a process, a cgroup, a file, a peer's answer) goes through one of these before
// it goes out, whichever way: a label, JSON, a page, a table, a log.

/// One line: `text` in which every byte that is not part of valid UTF-8 (RFC 3629: no overlong form, no surrogate,
/// nothing past U+10FFFF) and every control character is U+FFFD: C0, DEL and C1, which a terminal takes for commands,
/// and what reorders or breaks a line for the eye alone (U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069).
/// One bad byte in a label makes Prometheus drop the whole scrape.
std::string printable(std::string_view text);

/// Several lines: as printable(), but newlines and tabs stay.
std::string printable_lines(std::string_view text);

/// Where the first character is, at or after `from`, that printable() replaces; npos if there is none.
std::size_t find_unprintable(std::string_view text, std::size_t from = 0);

/// Columns that `text`, valid UTF-8, takes on a terminal, each character as one.
std::size_t columns(std::string_view text);

}  // namespace halfclosed::text
