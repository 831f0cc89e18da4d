#pragma once

#include "scenarios/picture_layout.h"
#include "scenarios/svg.h"

namespace halfclosed::scenarios {

/// Draws what stands between the heads of the lanes and the legend: the bars of the states, the arrows of the segments,
/// the calls and signals beside them, the curves of the counts, and the breaks.
void draw_lanes(SvgWriter& svg, const PictureLayout& layout, const Story& story);

}  // namespace halfclosed::scenarios
