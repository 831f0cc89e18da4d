#pragma once

#include <memory>
#include <vector>

#include "cli/command.h"
#include "service/serve_options.h"

namespace halfclosed {

/// Every subcommand. The flags of `serve` are read into `serve`.
std::vector<AddCommand> all_commands(const std::shared_ptr<ServeOptions>& serve);

void add_serve(CLI::App& app, const CommonOptions& common, Run& chosen,
               const std::shared_ptr<ServeOptions>& options);
void add_snapshot(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_history(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_watch(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_record(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_replay(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_report(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_status(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_reload(CLI::App& app, const CommonOptions& common, Run& chosen);
void add_check(CLI::App& app, const CommonOptions& common, Run& chosen);

}  // namespace halfclosed
