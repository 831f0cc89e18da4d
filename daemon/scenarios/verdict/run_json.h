#pragma once

#include <string>

#include "scenarios/verdict/run.h"

namespace halfclosed::scenarios {

/// One line without its newline, schema halfclosed.scenario/1: what was observed, and how it was judged. Times are
/// seconds since the client's connect(); those of counts and calls before it are negative.
std::string run_json(const Run& run);

/// Schema halfclosed.scenario-list/1: name, summary, explanation and sysctls of a scenario, and why it is unavailable,
/// or null.
std::string listing_json(const Scenario& scenario);

}  // namespace halfclosed::scenarios
