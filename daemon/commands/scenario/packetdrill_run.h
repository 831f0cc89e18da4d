#pragma once

#include "cli/options.h"
#include "commands/scenario/scenario_options.h"

namespace halfclosed {

/// Plays the chosen packetdrill scripts, shows each verdict on standard output, writes the matrix, and returns the exit
/// status: 0 when all passed.
int run_packetdrill(const CommonOptions& common, const ScenarioOptions& options);

}  // namespace halfclosed
