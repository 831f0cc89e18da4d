#pragma once

#include "cli/options.h"
#include "commands/scenario/scenario_options.h"

namespace halfclosed {

/// Runs the chosen scenarios, shows each on standard output, and returns the exit status: 0 when all passed.
int run_scenarios(const CommonOptions& common, const ScenarioOptions& options);

}  // namespace halfclosed
