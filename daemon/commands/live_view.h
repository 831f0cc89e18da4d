#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "exporters/snapshot/snapshot.h"
#include "text/terminal.h"

namespace halfclosed {

/// `watch` on a terminal: the snapshot as it stands, and below it the latest transitions. It has the terminal's other
/// screen to itself while it lives, and what was there before comes back.
class LiveView {
 public:
    LiveView();
    ~LiveView();
    LiveView(const LiveView&) = delete;
    LiveView& operator=(const LiveView&) = delete;

    /// Takes a line into the latest ones.
    void add(const std::string& line);

    /// `note` stands below the table; empty: nothing does.
    void draw(const exporters::Snapshot& snapshot, const text::TerminalStyle& style,
              std::size_t rows, const std::string& note) const;

 private:
    std::deque<std::string> latest_;
};

/// The first `rows` lines of the text, with a word on how many there are more.
std::string first_lines(const std::string& text, std::size_t rows);

}  // namespace halfclosed
