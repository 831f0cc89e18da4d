#pragma once

#include "daemon/options.h"
#include "daemon/scenario_options.h"

namespace halfclosed {

/// Plays the scenarios of the options' choice, shows each on standard output, and returns the exit status: 0 when all
/// passed.
int run_scenarios(const CommonOptions& common, const ScenarioOptions& options);

}  // namespace halfclosed
