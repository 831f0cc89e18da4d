#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/chronicle.h"
#include "daemon/command.h"
#include "daemon/event_loop.h"
#include "daemon/flags.h"
#include "daemon/logging.h"
#include "daemon/observer.h"
#include "daemon/service_manager.h"
#include "daemon/state_keeper.h"
#include "exporters/http_server.h"
#include "exporters/listener.h"
#include "host/clock.h"

namespace halfclosed {

namespace {

using std::chrono::nanoseconds;

struct ServeOptions {
    nanoseconds interval{0};
    nanoseconds census_interval{0};
    nanoseconds leak_after{0};
    double cpu_share = 0.02;
    std::string state_directory;
    std::vector<std::string> listen{"127.0.0.1:10999"};
};

/// Polls when a tier is due, publishes what came of it, and keeps the service manager informed.
class Service {
 public:
    Service(const CommonOptions& common, const ServeOptions& options)
        : observer_(settings(common, options)),
          keeper_(options.state_directory),
          chronicle_(event_sink(common)),
          listen_(options.listen) {}

    int run() {
        // Before the server's threads start: they inherit that signals are blocked.
        for (const int signal : {SIGINT, SIGTERM}) {
            loop_.on_signal(signal, [this] { loop_.stop(0); });
        }
        exporters::HttpOptions http;
        http.listen = listen_;
        server_.emplace(http);
        for (const std::string& address : server_->addresses()) {
            spdlog::info("serving http://{}/metrics", address);
        }
        observer_.restore(keeper_);
        observer_.on_changes([this](const tracking::Changes& changes, exporters::WallTime time) {
            chronicle_.note(changes, time, tracking::Instant{host::boot_clock_now()});
        });
        loop_.add_timer([this] { return look(); });
        const int status = loop_.run();
        service_manager::stopping();
        keep_ages(*observer_.report(), true);
        return status;
    }

 private:
    static Observer::Settings settings(const CommonOptions& common, const ServeOptions& options) {
        Observer::Settings settings;
        settings.ports = common.ports;
        settings.interval = options.interval;
        settings.census_interval = options.census_interval;
        settings.cpu_share = options.cpu_share;
        settings.leak_after = options.leak_after;
        settings.processes = Observer::Processes::of_leaks;
        settings.log = true;
        return settings;
    }

    /// What is due, and how long from now until something is due again.
    nanoseconds look() {
        const nanoseconds start = host::boot_clock_now();
        if (start >= census_due_) {
            observer_.take_census();
            census_due_ = start + observer_.census().interval();
        }
        if (start >= closing_due_) {
            observer_.poll();
            closing_due_ = start + observer_.closing().interval();
        }
        publish();
        const nanoseconds next = std::min(census_due_, closing_due_);
        return std::max(next - host::boot_clock_now(), nanoseconds{0});
    }

    void publish() {
        const auto report = observer_.report();
        server_->publish(report);
        chronicle_.note(*report);
        keep_ages(*report, false);
        service_manager::watchdog();
        service_manager::status(fmt::format("{} half-closed sockets on port {}; {}",
                                            report->sockets.size(),
                                            fmt::join(report->port_labels, ", "),
                                            observer_.closing().error().empty()
                                                ? "the kernel answers"
                                                : observer_.closing().error()));
        if (!ready_ && observer_.complete()) {
            ready_ = true;
            service_manager::ready();
            spdlog::info("ready: watching port {}", fmt::join(report->port_labels, ", "));
        }
    }

    /// A look that failed knows of no sockets, and must not make the file forget them.
    void keep_ages(const exporters::Report& report, bool always) {
        if (report.closing) {
            keeper_.keep(report.sockets, report.instant, always);
        }
    }

    EventLoop loop_;
    Observer observer_;
    StateKeeper keeper_;
    Chronicle chronicle_;
    std::vector<std::string> listen_;
    std::optional<exporters::HttpServer> server_;
    nanoseconds closing_due_{0};
    nanoseconds census_due_{0};
    bool ready_ = false;
};

double parse_share(const std::string& text) {
    char* end = nullptr;
    const double share = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0' || !(share > 0 && share <= 1)) {
        throw std::invalid_argument("'" + text + "' is not a share of one core (above 0, at most 1)");
    }
    return share;
}

std::string parse_listen_address(const std::string& text) {
    exporters::parse_listen_address(text);
    return text;
}

nanoseconds parse_interval(const std::string& text) {
    const nanoseconds interval = parse_duration(text);
    if (interval < std::chrono::milliseconds{10}) {
        throw std::invalid_argument("'" + text + "' is too short an interval (10ms at least)");
    }
    return interval;
}

}  // namespace

void add_serve(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App* command = app.add_subcommand("serve", "Observe and export to Prometheus until stopped");
    auto options = std::make_shared<ServeOptions>();
    options->interval = std::chrono::seconds{1};
    add_value(*command, "--interval", options->interval, parse_interval, "DURATION", "1s",
              "From one closing poll to the next: the half-closed states");
    options->census_interval = std::chrono::seconds{15};
    add_value(*command, "--census-interval", options->census_interval, parse_interval, "DURATION",
              "15s", "From one census to the next: all states, and the reconciliation with sockstat");
    add_value(*command, "--cpu-share", options->cpu_share, parse_share, "SHARE", "0.02",
              "Of one core, at most: polls that get dearer are made less often");
    add_values(*command, "--listen", options->listen, parse_listen_address, "ADDRESS:PORT",
               "127.0.0.1:10999", "Serve the metrics page here; repeatable");
    add_duration(*command, "--leak-after", options->leak_after, "60s",
                 "A socket that is longer in CLOSE-WAIT has leaked");
    command
        ->add_option("--state-dir", options->state_directory,
                     "Keep the ages of half-closed sockets in this directory over a restart")
        ->type_name("DIR")
        ->envname(environment_name("--state-dir"));
    command->callback([&common, &chosen, options] {
        chosen = [&common, options] { return Service(common, *options).run(); };
    });
}

}  // namespace halfclosed
