#pragma once

#include <string>
#include <string_view>

namespace halfclosed::exporters {

/// The part of Markdown (CommonMark, and GitHub's tables) that our own papers are written in, as HTML: headings with the
/// ids that links go by, paragraphs, code indented by four spaces, tables, `code`, **strong** and links. A link that does
/// not go to a section of the same text is its text alone.
std::string markdown_to_html(std::string_view text);

}  // namespace halfclosed::exporters
