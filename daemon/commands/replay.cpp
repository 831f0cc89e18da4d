#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "cli/progress.h"
#include "cli/version.h"
#include "commands/commands.h"
#include "exporters/metrics/metrics_page.h"
#include "observer/recorded_observer.h"

namespace halfclosed {

namespace {

/// A page of zeros would say that there were none.
void require_a_match(const CommonOptions& common, const std::vector<ReplayedFile>& files) {
    std::size_t sockets = 0;
    std::size_t counted = 0;
    for (const ReplayedFile& file : files) {
        sockets += file.sockets;
        counted += file.counted;
    }
    if (common.ports_given && sockets > 0 && counted == 0) {
        throw std::runtime_error("none of the " + std::to_string(sockets) +
                                 " recorded sockets is of --port " + ports_text(common.ports) +
                                 "; without --port all of them are counted");
    }
}

int replay(const CommonOptions& common, const std::vector<std::string>& files,
           std::chrono::nanoseconds interval) {
    const std::vector<PortRange> ports =
        common.ports_given ? common.ports : std::vector<PortRange>{kEveryPort};
    std::optional<Progress> progress(std::in_place, "reading the recordings");
    const Replay replay = replay_recordings(files, ports, interval, {version(), revision()});
    progress.reset();
    for (const ReplayedFile& file : replay.files) {
        const std::string recorded =
            file.ports && !file.ports->empty() ? " of --port " + ports_text(*file.ports) : "";
        std::fprintf(stderr, "%s: %zu sockets%s, %zu of them counted\n", file.name.c_str(),
                     file.sockets, recorded.c_str(), file.counted);
    }
    require_a_match(common, replay.files);
    const std::string page = exporters::metrics_page(replay.snapshot, replay.snapshot.instant);
    std::fwrite(page.data(), 1, page.size(), stdout);
    return 0;
}

}  // namespace

void add_replay(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command =
        add_command(app, "replay",
                    "Print the metrics page of recorded polls, each FILE a later one; without "
                    "--port, of every port that they have");
    auto files = std::make_shared<std::vector<std::string>>();
    auto interval = std::make_shared<std::chrono::nanoseconds>();
    add_arguments(command, "FILE", *files, "Written by record or by ss -D; - for standard input");
    add_duration(command, "--interval", *interval, "1s", "Time that passed between two files");
    on_chosen(command, [&common, &chosen, files, interval] {
        refuse_namespaces(common, "a recording is of one namespace");
        chosen = [&common, files, interval] { return replay(common, *files, *interval); };
    });
}

}  // namespace halfclosed
