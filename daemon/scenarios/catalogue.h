#pragma once

#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace halfclosed::scenarios {

/// The scenarios that are compiled in, in the order in which they are run and listed.
const std::vector<Scenario>& catalogue();

/// The one with this name; nullptr where there is none.
const Scenario* find_scenario(const std::string& name);

}  // namespace halfclosed::scenarios
