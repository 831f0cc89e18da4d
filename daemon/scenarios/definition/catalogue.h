#pragma once

#include <functional>
#include <string>
#include <vector>

#include "scenarios/definition/scenario.h"

namespace halfclosed::scenarios {

/// The scenarios that are compiled in, in the order in which they are run and listed.
const std::vector<Scenario>& catalogue();

/// Those of them that a namespace can play.
const std::vector<std::reference_wrapper<const Scenario>>& runnable_scenarios();

/// The one with this name, which is also that of its file; nullptr if there is none.
const Scenario* find_scenario(const std::string& name);

}  // namespace halfclosed::scenarios
