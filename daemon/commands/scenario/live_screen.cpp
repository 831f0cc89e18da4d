#include "commands/scenario/live_screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace halfclosed::scenarios {

namespace {

constexpr unsigned kColumns = 80;

winsize size_of(int descriptor) {
    winsize size{};
    ioctl(descriptor, TIOCGWINSZ, &size);
    return size;
}

void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto written = write(descriptor, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return;  // the terminal is gone
        }
        text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

}  // namespace

bool Screen::fits(int descriptor) {
    const char* const kind = std::getenv("TERM");
    const bool moves = kind != nullptr && std::string_view(kind) != "dumb";
    return isatty(descriptor) == 1 && moves && size_of(descriptor).ws_col >= kColumns;
}

void Screen::show(const std::vector<std::string>& lines) {
    const auto differs =
        std::mismatch(shown_.begin(), shown_.end(), lines.begin(), lines.end()).first;
    const auto same = static_cast<std::size_t>(differs - shown_.begin());
    if (same == shown_.size() && same == lines.size()) {
        return;
    }
    // The cursor stands below the last line: it gets no further up than there are rows above it.
    const std::size_t rows = std::max<std::size_t>(size_of(descriptor_).ws_row, 2) - 1;
    const std::size_t up = std::min(shown_.size() - same, rows);
    std::string text;
    if (up > 0) {
        text = "\033[" + std::to_string(up) + "A\033[J";
    }
    for (std::size_t line = shown_.size() - up; line < lines.size(); ++line) {
        text.append(lines[line]).append("\n");
    }
    write_all(descriptor_, text);
    shown_ = lines;
}

}  // namespace halfclosed::scenarios
