#pragma once

#include <chrono>
#include <string>

#include "scenarios/definition/scenario.h"
#include "scenarios/trace/trace.h"
#include "scenarios/verdict/verdict.h"

namespace halfclosed::scenarios {

/// The trace as an SVG document: what figure() draws on a terminal, for a browser, a snapshot or a lecture, with the
/// verdict and a legend. Light or dark as the reader likes it, without scripts, fonts or anything else from outside. A
/// pure function: the same trace, the same bytes.
std::string picture(const Scenario& scenario, const Trace& trace, const Verdict& verdict,
                    std::chrono::seconds fin_timeout);

}  // namespace halfclosed::scenarios
