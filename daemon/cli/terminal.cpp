#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace halfclosed {

namespace {

constexpr std::size_t kUsualWidth = 80;
constexpr std::size_t kNarrowest = 40;

std::size_t width(int descriptor, std::size_t usual = kUsualWidth) {
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= kNarrowest) {
        return size.ws_col;
    }
    std::size_t columns = 0;
    if (const char* text = std::getenv("COLUMNS")) {
        std::from_chars(text, text + std::strlen(text), columns);
    }
    return columns >= kNarrowest ? columns : usual;
}

}  // namespace

text::TerminalStyle terminal_style(const CommonOptions& common, int descriptor) {
    text::TerminalStyle style;
    style.color = common.color_on(descriptor);
    style.width = width(descriptor);
    return style;
}

std::size_t result_width(int descriptor) {
    return width(descriptor, text::kNoWidth);
}

text::TerminalStyle result_style(const CommonOptions& common, int descriptor) {
    return {result_width(descriptor), common.color_on(descriptor)};
}

std::size_t terminal_rows(int descriptor) {
    constexpr std::size_t kUsualRows = 24;
    winsize size{};
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : kUsualRows;
}

}  // namespace halfclosed
