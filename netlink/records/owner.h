#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace halfclosed {

/// A process that has a file descriptor of a socket.
struct Process {
    std::int32_t pid = 0;
    std::string comm;  ///< as /proc/PID/comm has it: any bytes but NUL
    std::int32_t fd =
        -1;  ///< the lowest descriptor that it has the socket under; -1: a registered file of io_uring

    bool operator==(const Process&) const = default;
};

/// What an owner that is not known is called.
inline constexpr const char* kUnknownOwner = "unknown";

/// Whose a socket is, as far as the cgroup and /proc say. All text is from outside: any bytes.
struct Owner {
    /// Unique on the host, and the same wherever it runs: "nginx.service", "user@1000/shop.service",
    /// "docker:3f4e5d6c7b8a/nginx.service", "pod:UID/3f4e5d6c7b8a", "machine:web/nginx.service".
    std::string name = kUnknownOwner;
    std::optional<std::string> unit;    ///< the bare systemd unit, "nginx.service"
    std::optional<std::string> cgroup;  ///< "/system.slice/nginx.service"
    std::vector<Process> processes;     ///< empty if nobody looked or privileges did not allow it

    bool operator==(const Owner&) const = default;
};

/// Its name, or "unknown" where `owner` is null.
const std::string& owner_label(const Owner* owner);

}  // namespace halfclosed
