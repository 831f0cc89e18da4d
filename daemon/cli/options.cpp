#include "cli/options.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace halfclosed {

namespace {

std::uint16_t parse_port(std::string_view text, const std::string& whole) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0 || port > 65535) {
        throw std::invalid_argument("'" + whole +
                                    "' is not a port (1 to 65535) or a range (8000-8999)");
    }
    return static_cast<std::uint16_t>(port);
}

}  // namespace

bool CommonOptions::color_on(int descriptor) const {
    if (color != Color::automatic) {
        return color == Color::always;
    }
    const char* no_color = std::getenv("NO_COLOR");  // no-color.org: set and not empty
    return isatty(descriptor) == 1 && (no_color == nullptr || *no_color == '\0');
}

PortRange parse_port_range(const std::string& text) {
    const std::string_view view = text;
    const auto dash = view.find('-');
    if (dash == std::string_view::npos) {
        const std::uint16_t port = parse_port(view, text);
        return {port, port};
    }
    const PortRange range{parse_port(view.substr(0, dash), text),
                          parse_port(view.substr(dash + 1), text)};
    if (range.first > range.last) {
        throw std::invalid_argument("'" + text +
                                    "' is an empty range: the first port is the larger one");
    }
    return range;
}

}  // namespace halfclosed
