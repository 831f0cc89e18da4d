#pragma once

#include <ranges>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace halfclosed::scenarios {

/// The scenarios that are compiled in, in the order in which they are run and listed.
const std::vector<Scenario>& catalogue();

/// Those of them that a namespace can play.
inline auto playable_scenarios() {
    return catalogue() | std::views::filter([](const Scenario& scenario) {
               return !scenario.unavailable.has_value();
           });
}

/// The one with this name; nullptr where there is none.
const Scenario* find_scenario(const std::string& name);

}  // namespace halfclosed::scenarios
