#pragma once

#include <functional>

#include "daemon/options.h"
#include "daemon/serve_options.h"

namespace CLI {
class App;
}

namespace halfclosed {

/// What the command line chose to do; returns the exit status: 0 success, 1 failure, 2 usage.
using Run = std::function<int()>;

// Each adds its subcommand with its flags to `app` and, when the command line names it, sets `chosen`.
// `common` is filled by then and outlives the run.
void add_serve(CLI::App& app, const CommonOptions& common, ServeOptions& options, Run& chosen);
void add_snapshot(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_watch(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_record(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_replay(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_check(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_scenario(CLI::App& app, const CommonOptions& common, Run& chosen);

}  // namespace halfclosed
