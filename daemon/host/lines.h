#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::host {

/// Takes the next line, without its newline, off the front of `text`; nothing at its end. Throws Error in the name of
/// `file` when the text ends inside a line: a number cut there is not the number that the kernel wrote.
std::optional<std::string_view> next_line(std::string_view& text, const std::string& file);

}  // namespace halfclosed::host
