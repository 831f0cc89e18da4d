#pragma once

#include <chrono>
#include <string>

#include "commands/scenario/output_files.h"
#include "commands/scenario/packetdrill_choice.h"
#include "commands/scenario/scenario_choice.h"
#include "scenarios/definition/relative_duration.h"

namespace halfclosed {

/// The command line of `halfclosed scenario`.
struct ScenarioOptions {
    ScenarioChoice choice;
    scenarios::RunParameters parameters;
    bool json = false;
    bool exact = false;  ///< as in scenarios::LabOptions
    OutputPaths files;
    bool stream = false;                     ///< a line for every event, for another program
    PacketdrillChoice packetdrill;           ///< scripts in place of scenarios
    std::chrono::microseconds tolerance{0};  ///< of their times, at least
    std::string matrix;                      ///< where their table goes; empty: nowhere
    std::string via;  ///< the control socket of a daemon that is to run them; empty: run here
};

}  // namespace halfclosed
