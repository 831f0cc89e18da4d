#include "service/service.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "exporters/snapshot/summary.h"
#include "posix/clock.h"
#include "posix/heap.h"
#include "posix/host_name.h"
#include "service/next_start.h"
#include "service/systemd.h"
#include "text/log.h"
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

}  // namespace

Service::Service(Configuration configuration, exporters::BuildInfo build, Reread reread)
    : options_(std::move(configuration.options)),
      build_(std::move(build)),
      host_(posix::host_name()),
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
    loop_.stop_on({SIGINT, SIGTERM});
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
        publishing_since_ = looked;
        make_snapshot();
        publish();
        publishing_since_.reset();
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
    snapshot.cpu = told_cpu_ = cpu_times();
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
        posix::give_back_start();
        service_manager::ready();
        if (observer_.complete()) {
            log::info("ready: watching {}", exporters::ports_phrase(*published_));
        } else {
            log::warn("blind, and trying again every {}: {}",
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
ControlApi::Reload Service::reload() {
    service_manager::reloading();
    const nanoseconds before = other_cpu();
    ControlApi::Reload result;
    try {
        result.at_next_start = apply(reread_());
        config_ = {true, std::chrono::system_clock::now()};
        log::info("reloaded: watching {}", exporters::ports_phrase(*published_));
    } catch (const std::invalid_argument& error) {
        result.trouble = error.what();
    }
    if (!result.trouble.empty()) {
        config_.successful = false;
        log::error("not reloaded, the old configuration stays: {}", result.trouble);
    }
    amend_snapshot();
    observer_.charge(other_cpu() - before);
    service_manager::ready();
    return result;
}

std::string Service::apply(Configuration configuration) {
    ServeOptions& options = configuration.options;
    server_->admit_by(options.access_policy);  // first: what it refuses leaves all as it is
    std::string at_next_start = for_the_next_start(options_, options);
    if (!at_next_start.empty()) {
        log::warn("{}", at_next_start);
    }
    event_recorder_.write_to(std::move(configuration.events));
    server_->show_sockets_to(options.snapshot_access);
    control_.test_every(options.self_test_interval);
    control_.hold_at_most(options.max_hold);
    flight_recorder_.set_limits(options.history);
    options_.detail = options.detail;
    observer_.reconfigure(observer_settings(options, build_));
    closing_due_ = census_due_ = nanoseconds{0};
    look();
    return at_next_start;
}

}  // namespace halfclosed
