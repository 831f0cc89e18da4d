#pragma once

namespace halfclosed::scenarios {

/// svg.css, the style sheet of a diagram. Colours are in rules of their own, each again for a dark page, and not in
/// variables, which programs other than browsers do not know.
extern const char* const kSvgStyle;

}  // namespace halfclosed::scenarios
