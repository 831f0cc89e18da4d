#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "commands/top/view_state.h"
#include "exporters/snapshot/snapshot.h"
#include "exporters/terminal/transition_line.h"
#include "text/terminal.h"

namespace halfclosed::top {

/// What there is to show.
struct Scene {
    const exporters::Snapshot& snapshot;
    const std::deque<exporters::ToldTransition>& transitions;  ///< the latest last
    std::string note;  ///< a sentence that matters now; empty: none
};

struct Screen {
    std::vector<std::string> lines;  ///< as many as the terminal has rows
    std::size_t sockets = 0;         ///< that the filter admits
    std::size_t rows = 0;            ///< of them in sight
    std::size_t first = 0;           ///< of those: `state.first`, or less where fewer are left
};

/// The whole screen: totals and owners above, the sockets from `state.first` on, the latest transitions below, and the keys
/// in the last line. No line is wider than `style.width`. Two rows at least.
Screen screen(const Scene& scene, const ViewState& state, std::size_t rows,
              const text::TerminalStyle& style);

}  // namespace halfclosed::top
