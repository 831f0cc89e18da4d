#pragma once

#include <chrono>
#include <string>

#include "commands/scenario/output_files.h"
#include "commands/scenario/scenario_choice.h"
#include "scenarios/definition/relative_duration.h"

namespace halfclosed {

/// What `halfclosed scenario` is told.
struct ScenarioOptions {
    ScenarioChoice choice;
    std::chrono::seconds fin_timeout = scenarios::RunParameters::kFinTimeout;
    Duration hold = scenarios::RunParameters::kHold;
    bool json = false;
    StoryFileNames files;
    bool stream = false;  ///< every fact as it becomes known, for another program
    std::string via;      ///< the control socket of the daemon that is to do it; empty: we do
};

}  // namespace halfclosed
