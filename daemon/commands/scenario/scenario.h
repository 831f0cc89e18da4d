#pragma once

#include "cli/command.h"

namespace halfclosed {

void add_scenario(CLI::App& app, const CommonOptions& common, Run& chosen);

}  // namespace halfclosed
