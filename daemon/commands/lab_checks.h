#pragma once

#include <functional>
#include <string>
#include <vector>

#include "commands/check_report.h"
#include "scenarios/definition/scenario.h"

namespace halfclosed {

/// Whether a scenario waits for nothing long: neither for the end of a FIN-WAIT-2 nor for a leak that is held, and is
/// given up after seconds.
bool is_quick(const scenarios::Scenario& scenario);

/// Plays the quick scenarios of the catalogue, one result each; if the system does not allow the lab, one that says
/// what to change.
std::vector<CheckResult> self_test(const std::function<void(const std::string& scenario)>& begins =
                                       [](const std::string&) {});

}  // namespace halfclosed
