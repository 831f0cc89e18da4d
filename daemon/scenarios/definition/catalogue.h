#pragma once

#include <functional>
#include <string>
#include <vector>

#include "scenarios/definition/scenario.h"

namespace halfclosed::scenarios {

/// The scenarios that are compiled in, in the order in which they are run and listed.
const std::vector<Scenario>& catalogue();

/// Those that can run in a namespace.
const std::vector<std::reference_wrapper<const Scenario>>& runnable_scenarios();

/// The scenario of this name, which is also that of its file; nullptr if there is none.
const Scenario* find_scenario(const std::string& name);

}  // namespace halfclosed::scenarios
