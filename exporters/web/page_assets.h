#pragma once

namespace halfclosed::exporters {

/// style.css, icon.svg and, as one, live/*.js of this folder, and deploy/prometheus/runbook.md, compiled in.
extern const char* const kStyleSheet;
extern const char* const kRunbook;
extern const char* const kIcon;
extern const char* const kScript;

}  // namespace halfclosed::exporters
