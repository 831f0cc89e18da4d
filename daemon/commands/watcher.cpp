#include "commands/watcher.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "cli/version.h"
#include "commands/past_transitions.h"
#include "history/history_query.h"
#include "posix/clock.h"
#include "text/log.h"

namespace halfclosed {

namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds kDrawPause{500};

/// What is not half-closed is looked at less often: for the totals of other ports, and who listens.
constexpr std::chrono::seconds kCensusPause{2};

Observer::Settings settings(const CommonOptions& common, const WatchOptions& options,
                            bool on_terminal) {
    Observer::Settings settings;
    settings.build = {version(), revision()};
    settings.ports = common.ports;
    settings.all_namespaces = common.all_namespaces;
    settings.interval = options.interval;
    settings.leak_after = options.leak_after;
    settings.cpu_share = options.cpu_share;
    settings.see_established = true;
    settings.log = !on_terminal;  // the view says it by itself
    if (on_terminal) {
        settings.processes = Observer::Processes::of_all;
    }
    return settings;
}

/// Whether it asks for more than a transition says by itself.
bool looks_at_sockets(const exporters::SocketFilter& filter) {
    return !filter.causes.empty() || !filter.owners.empty() || filter.older_than.count() > 0;
}

}  // namespace

Watcher::Watcher(const CommonOptions& common, const WatchOptions& options)
    : common_(common),
      options_(options),
      on_terminal_(!options.json && isatty(STDOUT_FILENO) == 1),
      observer_(settings(common, options, on_terminal_)),
      pace_(options.interval),
      before_(std::make_shared<const exporters::Snapshot>()) {
}

int Watcher::run() {
    loop_.stop_on({SIGINT, SIGTERM, SIGHUP, SIGQUIT});
    observer_.on_changes(
        [this](const tracking::Changes& changes, WallTime time) { note(changes, time); });
    if (on_terminal_) {
        view_.emplace(loop_, common_);
    }
    if (options_.from) {
        tell_past();
    }
    loop_.add_timer([this] { return look(); });
    if (view_) {
        loop_.add_timer([this] { return draw(); });
    }
    return loop_.run();
}

void Watcher::tell_past() {
    const auto past =
        history::read_from(options_.directory, [this](const history::Connection& connection) {
            return transitions_since(connection, *options_.from, past_scope(common_),
                                     options_.filter);
        });
    for (const auto& [transition, time] : past) {
        tell({transition, time});
    }
    flush();
}

void Watcher::note(const tracking::Changes& changes, WallTime time) {
    for (const tracking::Transition& transition : changes.transitions) {
        changes_.push_back({transition, time});
    }
    // An end that two looks cannot tell from another is no transition, and an end all the same.
    for (const tracking::StateEnd& end : changes.ends) {
        const char* const how = tracking::name(end.how);
        if (how != nullptr && std::string_view(how) == "unknown") {
            changes_.push_back({{end.socket,
                                 end.watched,
                                 {end.state, TcpState::close},
                                 tracking::Evidence::implied,
                                 end.held},
                                time,
                                false});
        }
    }
}

nanoseconds Watcher::look() {
    const nanoseconds start = posix::boot_clock_now();
    pace_.note(Instant{start});
    observer_.poll();
    looked_ = true;
    if (!observer_.closing().health().last_success) {
        throw std::runtime_error(observer_.closing().error());
    }
    tell_changes(looks_at_sockets(options_.filter)
                     ? std::make_shared<const exporters::Snapshot>(observer_.take_snapshot())
                     : before_);
    pace_.plan(observer_.closing().interval());
    if (!view_) {
        if (const std::string news = pace_.news(); !news.empty()) {
            log::warn("{}", news);
        }
    }
    flush();
    return std::max(start + observer_.closing().interval() - posix::boot_clock_now(),
                    nanoseconds{0});
}

nanoseconds Watcher::draw() {
    if (!observer_.closing().health().last_success) {
        return kDrawPause;  // before the first look there is nothing to show
    }
    if (const Instant now{posix::boot_clock_now()}; now >= census_due_) {
        observer_.take_census();
        looked_ = true;
        census_due_ = now + std::max<nanoseconds>(kCensusPause, 20 * observer_.census().cpu());
    }
    if (!std::exchange(looked_, false)) {
        return kDrawPause;
    }
    const auto after = std::make_shared<const exporters::Snapshot>(observer_.take_snapshot());
    tell_changes(after);
    auto shown = std::make_shared<exporters::Snapshot>(*after);
    options_.filter.apply(*shown);
    shown->growth = growth_.growth();
    growth_.observe(*shown);
    view_->show(std::move(shown), pace_.sentence());
    return kDrawPause;
}

/// Once the look is over: whose a new socket is, is known then alone.
void Watcher::tell_changes(std::shared_ptr<const exporters::Snapshot> after) {
    for (const Told& change : changes_) {
        if (!options_.filter.admits(change.transition, *before_, *after)) {
            continue;
        }
        tell(change);
    }
    changes_.clear();
    before_ = std::move(after);
}

void Watcher::tell(const Told& change) {
    if (view_) {
        view_->add(change);
        return;
    }
    // A line is as long as it must be: whoever reads it here has no screen.
    const text::TerminalStyle style{text::kNoWidth, common_.color_on(STDOUT_FILENO)};
    std::puts((options_.json ? exporters::told_json(change) : exporters::told_text(change, style))
                  .c_str());
}

/// The reader of a pipe waits for the line, and may be gone.
void Watcher::flush() {
    if (std::fflush(stdout) != 0) {
        loop_.stop(0);
    }
}

}  // namespace halfclosed
