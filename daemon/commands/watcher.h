#pragma once

#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "commands/look_pace.h"
#include "commands/top/top_view.h"
#include "exporters/snapshot/owner_growth.h"
#include "exporters/snapshot/socket_filter.h"
#include "exporters/terminal/transition_line.h"
#include "loop/event_loop.h"
#include "observer/observer.h"

namespace halfclosed {

/// What `halfclosed watch` is told.
struct WatchOptions {
    bool json = false;
    std::chrono::nanoseconds interval{0};
    /// A person who watches wants what they asked for: no bound, unless they ask for one too.
    double cpu_share = std::numeric_limits<double>::infinity();
    exporters::SocketFilter filter;
    std::chrono::nanoseconds leak_after{0};
    std::optional<WallTime> from;  ///< first what the history has since then
    std::string directory;         ///< of the history
};

/// A terminal gets top::TopView; a pipe, and a reader of JSON, gets a line for each transition.
class Watcher {
 public:
    /// Both must outlive it.
    Watcher(const CommonOptions& common, const WatchOptions& options);

    /// Until a signal, or until nobody reads any more. Throws std::runtime_error if the first look gets no answer.
    int run();

 private:
    using Told = exporters::ToldTransition;

    void tell_past();
    void tell(const Told& change);
    std::chrono::nanoseconds look();
    std::chrono::nanoseconds draw();
    void tell_changes(std::shared_ptr<const exporters::Snapshot> after);
    void note(const tracking::Changes& changes, WallTime time);
    void flush();

    const CommonOptions& common_;
    const WatchOptions& options_;
    bool on_terminal_;
    EventLoop loop_;
    Observer observer_;
    LookPace pace_;
    std::optional<top::TopView> view_;
    exporters::OwnerGrowthMemory growth_;
    Instant census_due_{};
    bool looked_ = false;                                ///< since the last drawing
    std::vector<Told> changes_;                          ///< of the look that is being made
    std::shared_ptr<const exporters::Snapshot> before_;  ///< the look before that
};

}  // namespace halfclosed
