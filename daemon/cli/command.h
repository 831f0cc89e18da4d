#pragma once

#include <functional>

#include "cli/options.h"

namespace CLI {
class App;
}

namespace halfclosed {

/// What the command line chose to do; returns the exit status: 0 success, 1 failure, 2 usage.
using Run = std::function<int()>;

/// Adds a subcommand with its flags to the application and, when the command line names it, sets `chosen`. The common
/// options are filled by then and outlive the run.
using AddCommand = std::function<void(CLI::App& app, const CommonOptions& common, Run& chosen)>;

}  // namespace halfclosed
