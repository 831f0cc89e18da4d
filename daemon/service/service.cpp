#include "service/service.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "exporters/snapshot/summary.h"
#include "posix/clock.h"
#include "posix/error.h"
#include "posix/heap.h"
#include "service/systemd.h"
#include "text/time.h"

namespace halfclosed {

namespace {

using std::chrono::nanoseconds;

Observer::Settings observer_settings(const ServeOptions& options,
                                     const exporters::BuildInfo& build) {
    Observer::Settings settings;
    settings.build = build;
    settings.ports = options.ports;
    settings.all_namespaces = options.all_namespaces;
    settings.interval = options.interval;
    settings.census_interval = options.census_interval;
    settings.cpu_share = options.cpu_share;
    settings.leak_after = options.leak_after;
    settings.max_sockets = options.max_sockets;
    settings.processes = Observer::Processes::of_leaks;
    settings.log = true;
    return settings;
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

Service::Service(Configuration configuration, exporters::BuildInfo build, Reread reread)
    : options_(std::move(configuration.options)),
      build_(std::move(build)),
      host_(host_name()),
      reread_(std::move(reread)),
      observer_(observer_settings(options_, build_)),
      flight_recorder_({options_.state_directory, options_.history}),
      event_recorder_(std::move(configuration.events)),
      control_(loop_, {[this] { return reload(); }, [this] { return published_; },
                       [this](const http::Request& request) { return server_->answer(request); },
                       [this](const exporters::Event& event) { tell(event); },
                       [this] { return addresses(); }}),
      config_{true, std::chrono::system_clock::now()},
      late_hangup_(loop_.timer([this] { on_hangup(); })) {
}

int Service::run() {
    // Before the page's threads start: they inherit that signals are blocked.
    posix::keep_heap_small();
    for (const int signal : {SIGINT, SIGTERM}) {
        loop_.on_signal(signal, [this] { loop_.stop(0); });
    }
    loop_.on_signal(SIGHUP, [this] { on_hangup(); });
    observer_.recall(flight_recorder_.start(
        {Instant{posix::monotonic_clock_now()}, std::chrono::system_clock::now()}));
    observer_.on_changes([this](const tracking::Changes& changes, WallTime time) {
        const Instant now{posix::monotonic_clock_now()};
        memory_.note(changes, time, published_.get());
        event_recorder_.note(changes, time, now);
        flight_recorder_.note(changes, {now, time});
    });
    start_exact();
    // The first look comes before the page: a request that waits at an inherited socket gets a whole
    // answer.
    observe();
    make_snapshot();
    open_page();
    publish();
    open_control();
    loop_.add_timer([this] { return look(); });
    const int status = loop_.run();
    service_manager::stopping();
    flight_recorder_.stop(*published_);
    return status;
}

/// Before the first look: from then on each edge is counted by the kernel, or each by polls.
void Service::start_exact() {
    using Exact = ServeOptions::Exact;
    if (options_.exact == Exact::off) {
        return;
    }
    try {
        exact::Source source(exact::Source::Options{options_.exact_pin});
        std::string without;
        for (const std::string& what : source.left_out()) {
            without += "; no " + what;
        }
        observer_.count_exactly(std::move(source));
        spdlog::info("exact: the kernel counts transitions and resets itself{}", without);
    } catch (const posix::Error& error) {
        if (options_.exact == Exact::on) {
            throw std::runtime_error(std::string("--exact on: ") + error.what());
        }
        spdlog::info("exact: {}; polls alone count transitions", error.what());
    }
}

void Service::open_page() {
    exporters::HttpOptions http;
    http.inherited = service_manager::inherited_sockets();
    http.listen = http.inherited.empty() ? options_.listen : std::vector<std::string>{};
    http.first = published_;
    http.allowed_hosts = options_.allowed_hosts;
    http.snapshot_access = options_.snapshot_access;
    http.access_policy = options_.access_policy;
    http.history = [this](const http::Request& request, exporters::HttpOptions::Send send) {
        history_api_.answer(request, std::move(send));
    };
    server_.emplace(http);
    for (const std::string& address : addresses()) {
        spdlog::info("serving {}/metrics", address);
    }
}

std::vector<std::string> Service::addresses() const {
    const bool tls = options_.access_policy && options_.access_policy->tls() != nullptr;
    std::vector<std::string> addresses = server_->addresses();
    for (std::string& address : addresses) {
        address.insert(0, tls ? "https://" : "http://");
    }
    return addresses;
}

/// Without orders there is still a service, unless somebody asked for them.
void Service::open_control() {
    control_.test_every(options_.self_test_interval);
    control_.hold_at_most(options_.max_hold);
    if (options_.control_socket.empty()) {
        return;
    }
    try {
        if (!options_.control_socket_wanted) {
            // Where no service manager made it. What comes of this, listen() says.
            std::error_code ignored;
            create_directory(std::filesystem::path(options_.control_socket).parent_path(), ignored);
        }
        control_.listen(options_.control_socket);
        spdlog::info("control socket: {}", options_.control_socket);
    } catch (const std::runtime_error& error) {
        if (options_.control_socket_wanted) {
            throw;
        }
        spdlog::info("{}; continuing without a control socket (--control-socket sets another path)",
                     error.what());
    }
}

/// Takes the looks that are due, and says whether any was.
bool Service::observe() {
    const nanoseconds start = posix::boot_clock_now();
    const bool due = start >= census_due_ || start >= closing_due_;
    if (start >= census_due_) {
        observer_.take_census();
        census_due_ = start + observer_.census().interval();
    }
    if (start >= closing_due_) {
        polled_ = start;
        observer_.poll();
        closing_due_ = start + observer_.closing().interval();
    }
    return due;
}

/// What is due, and how long from now until something is due again.
nanoseconds Service::look() {
    if (observe()) {
        const nanoseconds looked = posix::thread_cpu_time();
        make_snapshot();
        publish();
        const nanoseconds spent = posix::thread_cpu_time() - looked;
        published_cpu_ += spent;
        // Written down by another thread, and on account of the polls all the same.
        const nanoseconds recorded = flight_recorder_.cpu();
        observer_.charge(spent + recorded - std::exchange(recorded_cpu_, recorded));
        closing_due_ = polled_ + observer_.closing().interval();
    }
    // This loop polls, so it is this loop that says it is alive, also while polls are far apart.
    service_manager::watchdog();
    const nanoseconds end = posix::boot_clock_now();
    nanoseconds pause = std::max(std::min(census_due_, closing_due_) - end, nanoseconds{0});
    if (const auto watchdog = service_manager::watchdog_interval()) {
        pause = std::min(pause, *watchdog);
    }
    return pause;
}

/// After a look.
void Service::make_snapshot() {
    exporters::Snapshot snapshot = observer_.take_snapshot();
    memory_.count_unaccounted(snapshot);
    set_snapshot(std::move(snapshot));
}

/// Between two polls: the sockets are as they were.
void Service::amend_snapshot() {
    set_snapshot(*published_);
    server_->publish(published_);
}

void Service::set_snapshot(exporters::Snapshot snapshot) {
    snapshot.host = host_;
    snapshot.config = config_;
    snapshot.scenarios = control_.runs();
    snapshot.self_test = control_.self_test();
    snapshot.cpu = cpu_times();
    snapshot.history = flight_recorder_.health();
    snapshot.detail = options_.detail;
    memory_.fill(snapshot);
    published_ = std::make_shared<const exporters::Snapshot>(std::move(snapshot));
}

void Service::publish() {
    server_->publish(published_);
    event_recorder_.note(*published_);
    memory_.observe(*published_);
    flight_recorder_.observe(*published_);
    posix::give_back_heap();
    const std::string& error = observer_.closing().error();
    service_manager::status(
        error.empty()
            ? fmt::format(
                  "{} half-closed sockets on {}; last poll took {:.1f} ms",
                  published_->sockets.size(), exporters::ports_phrase(*published_),
                  std::chrono::duration<double, std::milli>(observer_.closing().health().duration)
                      .count())
            : error);
    if (!ready_) {
        // Also a service that sees nothing serves that it does, and tries again: a start that never ends, or a restart
        // again and again, would say less.
        ready_ = true;
        service_manager::ready();
        if (observer_.complete()) {
            spdlog::info("ready: watching {}", exporters::ports_phrase(*published_));
        } else {
            spdlog::warn("blind, and trying again every {}: {}",
                         text::duration_text(observer_.closing().interval()),
                         error.empty() ? observer_.census().error() : error);
        }
    }
}

/// The page says so at once, not only after the next poll.
void Service::tell(const exporters::Event& event) {
    event_recorder_.note(event, std::chrono::system_clock::now(),
                         Instant{posix::monotonic_clock_now()});
    amend_snapshot();
}

/// One that comes too soon after others waits; several that wait are one.
void Service::on_hangup() {
    const Instant now{posix::monotonic_clock_now()};
    if (hangups_.take(now)) {
        reload();
    } else {
        late_hangup_.set(hangups_.wait(now));
    }
}

/// What cannot be read leaves everything as it is, and the metric says so.
std::string Service::reload() {
    service_manager::reloading();
    const nanoseconds before = other_cpu();
    std::string trouble;
    try {
        apply(reread_());
        config_ = {true, std::chrono::system_clock::now()};
        spdlog::info("reloaded: watching {}", exporters::ports_phrase(*published_));
    } catch (const std::invalid_argument& error) {
        trouble = error.what();
    }
    if (!trouble.empty()) {
        config_.successful = false;
        spdlog::error("not reloaded, the old configuration stays: {}", trouble);
    }
    amend_snapshot();
    observer_.charge(other_cpu() - before);
    service_manager::ready();
    return trouble;
}

void Service::apply(Configuration configuration) {
    ServeOptions& options = configuration.options;
    if (options.listen != options_.listen || options.allowed_hosts != options_.allowed_hosts ||
        options.state_directory != options_.state_directory ||
        options.control_socket != options_.control_socket || options.exact != options_.exact ||
        options.exact_pin != options_.exact_pin) {
        spdlog::warn(
            "--listen, --allowed-host, --state-dir, --control-socket, --exact and --exact-pin take "
            "effect at the next start");
    }
    event_recorder_.write_to(std::move(configuration.events));
    server_->admit_by(options.access_policy);
    server_->show_sockets_to(options.snapshot_access);
    control_.test_every(options.self_test_interval);
    control_.hold_at_most(options.max_hold);
    flight_recorder_.set_limits(options.history);
    options_.detail = options.detail;
    observer_.reconfigure(observer_settings(options, build_));
    closing_due_ = census_due_ = nanoseconds{0};
    look();
}

}  // namespace halfclosed
