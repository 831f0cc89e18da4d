#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "cli/version.h"
#include "commands/commands.h"
#include "exporters/metrics/metrics_page.h"
#include "observer/recorded_observer.h"

namespace halfclosed {

namespace {

int replay(const CommonOptions& common, const std::vector<std::string>& files,
           std::chrono::nanoseconds interval) {
    const exporters::Snapshot snapshot =
        replay_recordings(files, common.ports, interval, {version(), revision()});
    const std::string page = exporters::metrics_page(snapshot, snapshot.instant);
    std::fwrite(page.data(), 1, page.size(), stdout);
    return 0;
}

}  // namespace

void add_replay(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command = add_command(
        app, "replay", "Print the metrics page of recorded looks, each FILE a later one");
    auto files = std::make_shared<std::vector<std::string>>();
    auto interval = std::make_shared<std::chrono::nanoseconds>();
    add_arguments(command, "FILE", *files, "Written by record or by ss -D");
    add_duration(command, "--interval", *interval, "1s", "The time that passed between two files");
    on_chosen(command, [&common, &chosen, files, interval] {
        chosen = [&common, files, interval] { return replay(common, *files, *interval); };
    });
}

}  // namespace halfclosed
