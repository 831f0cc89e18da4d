#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "daemon/command.h"
#include "daemon/event_loop.h"
#include "daemon/flags.h"
#include "daemon/observer.h"
#include "daemon/terminal.h"
#include "exporters/transition_line.h"

namespace halfclosed {

namespace {

struct WatchOptions {
    bool json = false;
    std::chrono::nanoseconds interval{0};
};

int watch(const CommonOptions& common, const WatchOptions& options) {
    EventLoop loop;
    for (const int signal : {SIGINT, SIGTERM}) {
        loop.on_signal(signal, [&loop] { loop.stop(0); });
    }
    Observer::Settings settings;
    settings.ports = common.ports;
    settings.interval = options.interval;
    settings.see_established = true;
    Observer observer(settings);
    const exporters::TerminalStyle style = terminal_style(common, 1);
    observer.on_changes([&](const tracking::Changes& changes, exporters::WallTime time) {
        for (const tracking::Transition& transition : changes.transitions) {
            const std::string line = options.json
                                         ? exporters::transition_json(transition, time)
                                         : exporters::transition_text(transition, time, style);
            std::puts(line.c_str());
        }
        // Whoever reads the other end of a pipe waits for the line, and may be gone.
        if (std::fflush(stdout) != 0) {
            loop.stop(0);
        }
    });
    loop.add_timer([&] {
        observer.poll();
        if (!observer.closing().health().last_success) {
            throw std::runtime_error(observer.closing().error());
        }
        return observer.closing().interval();
    });
    return loop.run();
}

}  // namespace

void add_watch(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App* command = app.add_subcommand("watch", "Print transitions as they happen");
    auto options = std::make_shared<WatchOptions>();
    command->add_flag("--json", options->json,
                      "A JSON object a line, schema halfclosed.transition/1");
    add_duration(*command, "--interval", options->interval, "100ms",
                 "From one look to the next; shorter sees more");
    command->callback([&common, &chosen, options] {
        chosen = [&common, options] { return watch(common, *options); };
    });
}

}  // namespace halfclosed
