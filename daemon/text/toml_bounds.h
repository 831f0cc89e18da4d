#pragma once

#include <string>
#include <string_view>

namespace halfclosed::text {

/// Refuses text that would exhaust toml11, which recurses for every bracket and every part of a dotted key, before it
/// reads it: more than 64 KiB, brackets nested more than 16 deep, a line with more than 16 dots outside strings, more than
/// 1,000 opening brackets at all. Throws TomlError, in the name of `file`, with the line.
void check_toml_bounds(std::string_view text, const std::string& file);

}  // namespace halfclosed::text
