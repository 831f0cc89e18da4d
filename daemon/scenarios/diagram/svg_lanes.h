#pragma once

#include "scenarios/diagram/svg_layout.h"
#include "text/svg.h"

namespace halfclosed::scenarios {

/// Draws what stands between the heads of the lanes and the legend: the bars of the states, the arrows of the segments,
/// the calls and signals beside them, the curves of the counts, and the breaks.
void draw_lanes(text::SvgWriter& svg, const SvgLayout& layout, const Trace& trace);

}  // namespace halfclosed::scenarios
