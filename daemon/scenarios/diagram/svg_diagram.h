#pragma once

#include <string>

#include "scenarios/verdict/run.h"

namespace halfclosed::scenarios {

/// A run as an SVG document: what text_diagram() draws on a terminal, for a browser, a report or a lecture, with the
/// verdict and a legend. Follows the reader's light or dark theme; no scripts, fonts or other resources from outside. A
/// pure function: the same run, the same bytes.
std::string svg_diagram(const Run& run);

}  // namespace halfclosed::scenarios
