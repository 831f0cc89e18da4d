#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>

#include "cli/flags.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "commands/commands.h"
#include "commands/live_view.h"
#include "commands/socket_filter.h"
#include "exporters/terminal/transition_line.h"
#include "loop/event_loop.h"
#include "observer/observer.h"

namespace halfclosed {

namespace {

struct WatchOptions {
    bool json = false;
    std::chrono::nanoseconds interval{0};
    SocketFilter filter;
};

/// A terminal gets the live view; a pipe, and whoever wants JSON, a line for each transition.
class Watcher {
 public:
    Watcher(const CommonOptions& common, const WatchOptions& options)
        : common_(common),
          options_(options),
          style_(terminal_style(common, STDOUT_FILENO)),
          observer_(settings(common, options)) {
        if (!options.json && isatty(STDOUT_FILENO) == 1) {
            view_.emplace();
        }
    }

    int run() {
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            loop_.on_signal(signal, [this] { loop_.stop(0); });
        }
        observer_.on_changes([this](const tracking::Changes& changes, WallTime time) {
            for (const tracking::Transition& transition : changes.transitions) {
                tell(transition, time);
            }
        });
        loop_.add_timer([this] { return look(); });
        if (view_) {
            loop_.add_timer([this] { return draw(); });
        }
        return loop_.run();
    }

 private:
    static Observer::Settings settings(const CommonOptions& common, const WatchOptions& options) {
        Observer::Settings settings;
        settings.build = {version(), revision()};
        settings.ports = common.ports;
        settings.interval = options.interval;
        settings.see_established = true;
        if (!options.json && isatty(STDOUT_FILENO) == 1) {
            settings.processes = Observer::Processes::of_all;
        }
        return settings;
    }

    void tell(const tracking::Transition& transition, WallTime time) {
        if (!options_.filter.admits(transition)) {
            return;
        }
        const std::string line = options_.json
                                     ? exporters::transition_json(transition, time)
                                     : exporters::transition_text(transition, time, style_);
        if (view_) {
            view_->add(line);
        } else {
            std::puts(line.c_str());
        }
    }

    std::chrono::nanoseconds look() {
        observer_.poll();
        if (!observer_.closing().health().last_success) {
            throw std::runtime_error(observer_.closing().error());
        }
        flush();
        return observer_.closing().interval();
    }

    std::chrono::nanoseconds draw() {
        observer_.take_census();
        exporters::Snapshot snapshot = observer_.take_snapshot();
        options_.filter.apply(snapshot);
        style_ = terminal_style(common_, STDOUT_FILENO);
        view_->draw(snapshot, style_, terminal_rows(STDOUT_FILENO));
        flush();
        return std::chrono::milliseconds{500};
    }

    /// Whoever reads the other end of a pipe waits for the line, and may be gone.
    void flush() {
        if (std::fflush(stdout) != 0) {
            loop_.stop(0);
        }
    }

    const CommonOptions& common_;
    const WatchOptions& options_;
    text::TerminalStyle style_;
    EventLoop loop_;
    Observer observer_;
    std::optional<LiveView> view_;
};

}  // namespace

void add_watch(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command =
        add_command(app, "watch",
                    "Transitions as they happen: a live view on a terminal, lines in a "
                    "pipe. An edge is drawn → where it was "
                    "seen, ⇢ where it must have been passed between two looks");
    auto options = std::make_shared<WatchOptions>();
    add_switch(command, "--json", options->json,
               "A JSON object a line, schema halfclosed.transition/1");
    add_duration(command, "--interval", options->interval, "100ms",
                 "From one look to the next; shorter sees more");
    options->filter.add_flags(command);
    on_chosen(command, [&common, &chosen, options] {
        chosen = [&common, options] { return Watcher(common, *options).run(); };
    });
}

}  // namespace halfclosed
