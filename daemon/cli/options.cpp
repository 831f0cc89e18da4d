#include "cli/options.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "text/nearest.h"

namespace halfclosed {

namespace {

/// The services of /etc/services over TCP that begin as the word does, and "all": what somebody may have meant.
std::vector<std::string> services_near(const std::string& word) {
    std::vector<std::string> names{"all"};
    if (word.empty() || std::isalpha(static_cast<unsigned char>(word.front())) == 0) {
        return {};
    }
    setservent(0);
    while (const servent* const entry = getservent()) {
        if (std::string_view(entry->s_proto) == "tcp" && entry->s_name[0] == word.front()) {
            names.emplace_back(entry->s_name);
        }
    }
    endservent();
    return names;
}

std::uint16_t parse_port(std::string_view text, const std::string& whole) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0 || port > 65535) {
        throw std::invalid_argument("'" + whole +
                                    "' is not a port (1 to 65535), a range (8000-8999), a service "
                                    "of /etc/services or 'all'" +
                                    text::did_you_mean(whole, services_near(whole)));
    }
    return static_cast<std::uint16_t>(port);
}

/// The port of "https" over TCP, as /etc/services has it.
std::optional<std::uint16_t> service_port(const std::string& name) {
    servent entry{};
    servent* found = nullptr;
    std::array<char, 4096> strings{};
    if (getservbyname_r(name.c_str(), "tcp", &entry, strings.data(), strings.size(), &found) != 0 ||
        found == nullptr) {
        return std::nullopt;
    }
    return ntohs(static_cast<std::uint16_t>(found->s_port));
}

}  // namespace

bool CommonOptions::color_on(int descriptor) const {
    if (color != Color::automatic) {
        return color == Color::always;
    }
    const char* no_color = std::getenv("NO_COLOR");  // no-color.org: set and not empty
    return isatty(descriptor) == 1 && (no_color == nullptr || *no_color == '\0');
}

bool CommonOptions::on_command_line(const std::string& flag) const {
    const auto end = std::find(arguments.begin(), arguments.end(), "--");
    return std::any_of(arguments.begin(), end, [&flag](const std::string& argument) {
        return argument == flag || argument.starts_with(flag + "=");
    });
}

CommonOptions::Color parse_color(const std::string& text) {
    using Color = CommonOptions::Color;
    for (const auto& [name, color] : {std::pair{"auto", Color::automatic},
                                      {"always", Color::always},
                                      {"never", Color::never}}) {
        if (text == name) {
            return color;
        }
    }
    throw std::invalid_argument(text::not_one_of(text, "known here", {"auto", "always", "never"}));
}

bool parse_namespaces(const std::string& text) {
    if (text != "own" && text != "all") {
        throw std::invalid_argument(text::not_one_of(text, "known here", {"own", "all"}));
    }
    return text == "all";
}

double parse_cpu_share(const std::string& text) {
    char* end = nullptr;
    const double share = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0' || !(share > 0 && share <= 1)) {
        throw std::invalid_argument("'" + text +
                                    "' is not a share of one core (above 0, at most 1)");
    }
    return share;
}

PortRange parse_port_range(const std::string& text) {
    if (text == "all") {
        return kEveryPort;
    }
    if (const bool named = !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) != 0;
        named) {
        if (const auto port = service_port(text)) {
            return {*port, *port};
        }
    }
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
