#include "scenarios/player/play_settings.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "scenarios/packetdrill/command.h"

namespace halfclosed::scenarios {

namespace {

using packetdrill::NotSupportedError;
using packetdrill::Script;

std::size_t line_of(const Script& script, const std::string& option) {
    const auto found =
        std::find_if(script.lines.begin(), script.lines.end(), [&option](const std::string& line) {
            return line.find("--" + option) != std::string::npos;
        });
    return found == script.lines.end() ? 0
                                       : static_cast<std::size_t>(found - script.lines.begin()) + 1;
}

Address address(Family family, const char* text) {
    Address parsed{family, {}};
    inet_pton(family == Family::ipv4 ? AF_INET : AF_INET6, text, parsed.bytes.data());
    return parsed;
}

std::optional<unsigned> number(const std::string& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

bool is_foreign(const Script& script) {
    const auto sets_foreign = [](const std::string& text, std::size_t line) {
        const auto actions = packetdrill::interpret(text, line);
        return std::any_of(actions.begin(), actions.end(), [](const packetdrill::Action& action) {
            const auto* const nothing = std::get_if<packetdrill::Nothing>(&action);
            return nothing != nullptr && nothing->foreign;
        });
    };
    return std::any_of(
        script.events.begin(), script.events.end(), [&](const packetdrill::Event& event) {
            const auto* const command = std::get_if<packetdrill::Command>(&event.what);
            return command != nullptr && sets_foreign(command->text, event.line);
        });
}

}  // namespace

/// The addresses are packetdrill's own.
PlaySettings settings_of(const Script& script, const std::string& path,
                         std::chrono::microseconds at_least) {
    PlaySettings settings;
    settings.file = path;
    settings.directory = std::filesystem::path(path).parent_path();
    settings.foreign = is_foreign(script);
    settings.addresses.local = address(Family::ipv4, "192.168.0.1");
    settings.addresses.remote = address(Family::ipv4, "192.0.2.1");
    for (const auto& [name, value] : script.options) {
        const std::size_t line = line_of(script, name);
        const auto count = number(value);
        if (name == "ip_version" && value == "ipv6") {
            settings.addresses.local = address(Family::ipv6, "fd3d:a0b:17d6::1");
            settings.addresses.remote = address(Family::ipv6, "fd3d:fa7b:d17d::1");
        } else if (name == "tolerance_usecs" && count) {
            settings.tolerance = std::chrono::microseconds{*count};
        } else if (name == "mtu" && count && *count >= 1280 && *count <= 65'535) {
            settings.addresses.mtu = *count;
        } else if (name != "mss" && (name != "ip_version" || value != "ipv4")) {
            // --mss tells packetdrill where to expect the ends of segments, which are put together here.
            throw NotSupportedError(line, "--" + name + (value.empty() ? "" : "=" + value));
        }
    }
    settings.tolerance = std::max(settings.tolerance, at_least);
    return settings;
}

}  // namespace halfclosed::scenarios
