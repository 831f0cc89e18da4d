#include "commands/commands.h"

#include "commands/scenario/scenario.h"

namespace halfclosed {

std::vector<AddCommand> all_commands(const std::shared_ptr<ServeOptions>& serve) {
    return {
        [serve](CLI::App& app, const CommonOptions& common, Run& chosen) {
            add_serve(app, common, chosen, serve);
        },
        add_snapshot,
        add_history,
        add_watch,
        add_record,
        add_replay,
        add_report,
        add_check,
        add_status,
        add_reload,
        add_scenario,
    };
}

}  // namespace halfclosed
