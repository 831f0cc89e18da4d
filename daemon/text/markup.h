#pragma once

#include <string>
#include <string_view>

namespace halfclosed::text {

/// `text` for an element or a quoted attribute of HTML or XML: & < > " ' as entities; bytes that are not UTF-8, control
/// characters, and what XML does not allow (U+FFFE, U+FFFF) as U+FFFD.
std::string html_escaped(std::string_view text);

/// The same for an element of a page; flags such as --port are in a span of the class "whole", for a browser would break
/// the line behind their hyphens.
std::string html_prose(std::string_view text);

}  // namespace halfclosed::text
