#include "commands/live_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "exporters/terminal/snapshot_table.h"

namespace halfclosed {

namespace {

constexpr std::size_t kLatest = 10;

// ECMA-48 and xterm: the alternate screen, the cursor, home and clear.
constexpr const char* kEnter = "\x1b[?1049h\x1b[?25l";
constexpr const char* kLeave = "\x1b[?25h\x1b[?1049l";
constexpr const char* kHomeAndClear = "\x1b[H\x1b[J";

}  // namespace

std::string first_lines(const std::string& text, std::size_t rows) {
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    if (lines <= rows) {
        return text;
    }
    std::size_t end = 0;
    for (std::size_t row = 0; row + 1 < rows; ++row) {
        end = text.find('\n', end) + 1;
    }
    return text.substr(0, end) + fmt::format("… {} more lines\n", lines + 1 - rows);
}

LiveView::LiveView() {
    std::fputs(kEnter, stdout);
}

LiveView::~LiveView() {
    std::fputs(kLeave, stdout);
    std::fflush(stdout);
}

void LiveView::add(const std::string& line) {
    latest_.push_back(line);
    if (latest_.size() > kLatest) {
        latest_.pop_front();
    }
}

void LiveView::draw(const exporters::Snapshot& snapshot, const text::TerminalStyle& style,
                    std::size_t rows, const std::string& note) const {
    const std::string note_lines = text::wrapped(note, 0, style.width);
    // One row stays free: a newline on the last one would scroll.
    const std::size_t below =
        (latest_.empty() ? 0 : latest_.size() + 1) +
        static_cast<std::size_t>(std::count(note_lines.begin(), note_lines.end(), '\n'));
    const std::size_t room = rows > below + 2 ? rows - below - 1 : 1;
    std::string screen = kHomeAndClear +
                         first_lines(exporters::snapshot_table(
                                         snapshot, {.style = style, .view = exporters::View::live}),
                                     room) +
                         note_lines;
    if (!latest_.empty()) {
        screen += "\n";
    }
    for (const std::string& line : latest_) {
        screen += line + "\n";
    }
    std::fputs(screen.c_str(), stdout);
}

}  // namespace halfclosed
