#pragma once

namespace halfclosed::scenarios {

/// The looks of a picture. Colours stand in rules of their own, each again for a dark page, and not in variables, which
/// programs other than browsers do not know.
extern const char* const kSvgStyle;

}  // namespace halfclosed::scenarios
