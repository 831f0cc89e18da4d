#pragma once

#include <string>
#include <string_view>

#include "posix/file.h"

namespace halfclosed::host {

/// /proc as Linux 6.18 showed it in a network namespace with 12 IPv4 and 5 IPv6 sockets, 8
/// minisocks and 2 orphans.
inline const std::string kProc = HALFCLOSED_FIXTURES "/proc/linux-6.18";

inline std::string fixture(const std::string& name) {
    return posix::read_file(kProc + "/" + name);
}

/// What an Error says; empty when nothing is thrown.
template <typename Attempt>
std::string complaint(Attempt attempt) {
    try {
        attempt();
    } catch (const posix::Error& error) {
        return error.what();
    }
    return {};
}

/// The text without the first occurrence of `part`.
inline std::string without(std::string text, std::string_view part) {
    text.erase(text.find(part), part.size());
    return text;
}

/// The text with the first occurrence of `part` replaced.
inline std::string with(std::string text, std::string_view part, std::string_view replacement) {
    return text.replace(text.find(part), part.size(), replacement);
}

}  // namespace halfclosed::host
