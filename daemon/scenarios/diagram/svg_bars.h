#pragma once

#include <string>

#include "scenarios/diagram/svg_layout.h"
#include "text/svg.h"
#include "tracking/custody.h"

namespace halfclosed::scenarios {

/// Draws the bars of both ends' states, each with its name, its time, and at its outer edge a strip that shows who has
/// the socket. Times are relative to `start`.
void draw_bars(text::SvgWriter& svg, const SvgLayout& layout, Instant start);

/// How a picture shows who has a socket.
struct CustodyWords {
    const char* style;   ///< class of the strip
    const char* beside;  ///< on the bar
    const char* legend;
};
CustodyWords words_for(tracking::Custody custody);

inline constexpr double kStripWidth = 7;

/// text::precise_duration_text() with letters that terminals may lack.
std::string fine_time(Duration time);

}  // namespace halfclosed::scenarios
