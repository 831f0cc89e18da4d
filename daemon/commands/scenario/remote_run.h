#pragma once

#include <string>

#include "scenarios/run/lab.h"

namespace halfclosed {

/// Lets the daemon behind a control socket play the scenario, as scenarios::run() would here: what it tells on the way
/// is told on. Throws control::ControlError where the daemon cannot be asked, and what run() throws.
scenarios::Outcome play_via(const std::string& socket, const scenarios::Scenario& scenario,
                            const scenarios::LabOptions& options);

}  // namespace halfclosed
