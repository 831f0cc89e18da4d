#pragma once

namespace halfclosed::exporters {

/// style.css and icon.svg of this folder, compiled in.
extern const char* const kStyleSheet;
extern const char* const kIcon;

}  // namespace halfclosed::exporters
