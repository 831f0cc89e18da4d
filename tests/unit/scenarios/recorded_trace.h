#pragma once

#include <string>

#include "scenarios/trace/trace.h"

namespace halfclosed::scenarios {

/// What the lab observed when it ran this scenario on a real kernel (tests/live/scenarios/record_traces.cpp).
Trace recorded_trace(const std::string& scenario);

}  // namespace halfclosed::scenarios
