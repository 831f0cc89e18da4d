#pragma once

#include <string>
#include <vector>

#include "daemon/options.h"
#include "daemon/scenario_options.h"
#include "scenarios/scenario.h"

namespace halfclosed {

/// The scenarios that these names mean; "all" is the whole catalogue.
std::vector<const scenarios::Scenario*> chosen_scenarios(const std::vector<std::string>& names);

/// Plays the scenarios that the options name, shows each on standard output, and returns the exit status: 0 when all
/// passed.
int run_scenarios(const CommonOptions& common, const ScenarioOptions& options);

}  // namespace halfclosed
