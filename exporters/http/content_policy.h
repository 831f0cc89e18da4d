#pragma once

#include <string>
#include <string_view>

namespace halfclosed::exporters {

/// The Content-Security-Policy of every answer: nothing from elsewhere, and no code or style within a page.
inline constexpr const char* kContentPolicy = "default-src 'self'";

/// That of a page with one style sheet in a style element: this text, to the byte, and no other.
std::string content_policy_with_style(std::string_view style_sheet);

}  // namespace halfclosed::exporters
