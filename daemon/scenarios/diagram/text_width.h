#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace halfclosed::scenarios {

/// How wide a text is at most, in parts of its font size, in the sans-serif faces that a browser may choose: those of
/// DejaVu Sans, the widest of them, rounded up.
double sans_width(std::string_view text);

/// Breaks a text into lines that are no wider than `width` parts of the font size; at blanks, and inside a word that is
/// wider than a line.
std::vector<std::string> broken_to_width(std::string_view text, double width);

/// The text, or its beginning and "…" where it is wider than `width`.
std::string cut_to_width(std::string_view text, double width);

}  // namespace halfclosed::scenarios
