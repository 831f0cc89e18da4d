#pragma once

#include <string>
#include <string_view>

namespace halfclosed::text {

/// `text` for an element or a quoted attribute of HTML or XML: & < > " ' as entities; bytes that are not UTF-8, control
/// characters, and what XML does not allow (U+FFFE, U+FFFF) as U+FFFD.
std::string html_escaped(std::string_view text);

}  // namespace halfclosed::text
