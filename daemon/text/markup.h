#pragma once

#include <string>
#include <string_view>

namespace halfclosed::text {

/// `text` for an element or a quoted attribute: printable_lines(), with & < > " ' as entities.
std::string html_escaped(std::string_view text);

}  // namespace halfclosed::text
