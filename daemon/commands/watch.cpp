#include <memory>
#include <stdexcept>

#include "cli/flags.h"
#include "commands/commands.h"
#include "commands/filter_flags.h"
#include "commands/history_flags.h"
#include "commands/watcher.h"
#include "text/time.h"

namespace halfclosed {

namespace {

std::chrono::nanoseconds parse_look_interval(const std::string& text) {
    const std::chrono::nanoseconds interval = halfclosed::text::parse_duration(text);
    if (interval < std::chrono::milliseconds{1}) {
        throw std::invalid_argument("'" + text + "' is too short an interval (1ms at least)");
    }
    return interval;
}

}  // namespace

void add_watch(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command =
        add_command(app, "watch",
                    "Transitions as they happen: a live view on a terminal, lines in a "
                    "pipe. → is a transition that was seen, ⇢ one that must have "
                    "happened between two polls");
    auto options = std::make_shared<WatchOptions>();
    add_switch(command, "--json", options->json,
               "One JSON object per line, schema halfclosed.transition/1");
    options->interval = std::chrono::milliseconds{100};
    add_value(command, "--interval", options->interval, parse_look_interval, "DURATION", "100ms",
              "Time between two polls; a shorter one sees more");
    add_value(command, "--cpu-share", options->cpu_share, parse_cpu_share, "SHARE", "no bound",
              "Share of one core that polls may take: expensive polls are made less often");
    add_filter_flags(command, options->filter);
    add_leak_after(command, options->leak_after);
    add_value(command, "--from", options->from, parse_past, "TIME", "now",
              "First the transitions that the history has since this time: 03:12, or 15m for 15 "
              "minutes ago");
    add_state_directory(command, options->directory);
    on_chosen(command, [&common, &chosen, options] {
        if (!options->from && common.on_command_line("--state-dir")) {
            throw UsageError("--state-dir", "needs --from: the present is not from the history");
        }
        chosen = [&common, options] { return Watcher(common, *options).run(); };
    });
}

}  // namespace halfclosed
