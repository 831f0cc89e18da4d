#pragma once

#include <deque>
#include <memory>
#include <string>

#include "cli/options.h"
#include "commands/top/key.h"
#include "commands/top/terminal_mode.h"
#include "commands/top/view_state.h"
#include "exporters/snapshot/snapshot.h"
#include "exporters/terminal/transition_line.h"
#include "loop/event_loop.h"

namespace halfclosed::top {

/// `watch` on a terminal: who has half-closed sockets, the sockets, and the latest transitions, with keys as top(1) and
/// less(1) have them. It has the terminal to itself while it lives, and what was there before comes back.
class TopView {
 public:
    /// Both must outlive it. Ends the loop when somebody quits, or the terminal is gone.
    TopView(EventLoop& loop, const CommonOptions& common);

    /// Takes it into the latest transitions.
    void add(const exporters::ToldTransition& transition);

    /// Draws the snapshot, unless somebody has paused. `note` is a sentence that matters now; empty: none.
    void show(std::shared_ptr<const exporters::Snapshot> snapshot, const std::string& note);

 private:
    void read_keys(std::uint32_t events);
    void take(const std::vector<Key>& keys);
    void draw();
    void suspend();

    EventLoop& loop_;
    const CommonOptions& common_;
    TerminalMode terminal_;
    KeyReader reader_;
    ViewState state_;
    EventLoop::EventSource keys_;
    EventLoop::EventSource settled_;
    std::shared_ptr<const exporters::Snapshot> snapshot_;  ///< that is shown; null before the first
    std::string note_;
    std::deque<exporters::ToldTransition> latest_;
    std::deque<exporters::ToldTransition> shown_;  ///< of them, those on the screen
    std::size_t sockets_ = 0;                      ///< as of the last drawing
    std::size_t rows_ = 0;
};

}  // namespace halfclosed::top
