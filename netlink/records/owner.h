#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace halfclosed::exporters {

/// A process that has a file descriptor of a socket.
struct Process {
    std::int32_t pid = 0;
    std::string comm;  ///< as /proc/PID/comm has it: any bytes but NUL and newline

    bool operator==(const Process&) const = default;
};

/// Whose a socket is, as far as the cgroup and /proc say.
struct Owner {
    std::optional<std::string> unit;       ///< "nginx.service"
    std::optional<std::string> cgroup;     ///< "/system.slice/nginx.service"
    std::optional<std::string> container;  ///< the first digits of its id
    std::vector<Process> processes;  ///< empty where nobody looked or privileges did not allow it

    bool operator==(const Owner&) const = default;
};

/// What an owner that is not known is called.
inline constexpr const char* kUnknownOwner = "unknown";

/// The unit, else the container, else the last part of the cgroup's path, else "unknown". `owner` may be null.
std::string owner_label(const Owner* owner);

}  // namespace halfclosed::exporters
