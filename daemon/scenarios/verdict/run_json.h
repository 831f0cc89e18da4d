#pragma once

#include <chrono>
#include <string>

#include "scenarios/definition/scenario.h"
#include "scenarios/trace/trace.h"
#include "scenarios/verdict/verdict.h"

namespace halfclosed::scenarios {

/// One line without its newline, schema halfclosed.scenario/1: what was seen, and how it was judged. Times are seconds
/// since the client's connect(); a count or a call from before it has a negative one.
std::string scenario_json(const Scenario& scenario, const Trace& trace, const Verdict& verdict,
                          std::chrono::seconds fin_timeout);

/// Schema halfclosed.scenario-list/1: name, summary, explanation and sysctls of one scenario, and
/// why it is unavailable, or null.
std::string listing_json(const Scenario& scenario);

}  // namespace halfclosed::scenarios
