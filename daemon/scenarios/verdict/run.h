#pragma once

#include "scenarios/definition/scenario.h"
#include "scenarios/trace/trace.h"
#include "scenarios/verdict/verdict.h"

namespace halfclosed::scenarios {

/// One run of a scenario: what was run, what was observed, and how it was judged.
struct Run {
    Scenario scenario;
    RunParameters parameters;
    Trace trace;
    Verdict verdict;
    unsigned attempts = 1;  ///< how often it was run until a run was conclusive
};

}  // namespace halfclosed::scenarios
