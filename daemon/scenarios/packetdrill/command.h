#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "records/tcp_state.h"
#include "scenarios/packetdrill/script.h"

namespace halfclosed::scenarios::packetdrill {

/// A sysctl of the script's namespace.
struct SetSysctl {
    std::string name;  ///< "net.ipv4.tcp_sack"
    std::string value;
    bool operator==(const SetSysctl&) const = default;
};

/// Another file of shell commands, relative to the script's directory.
struct RunFile {
    std::string path;
    bool operator==(const RunFile&) const = default;
};

/// FreeBSD's "sockstat … -s | grep -c STATE | grep N": so many sockets are in this state.
struct CountSockets {
    TcpState state{};
    std::uint64_t number = 0;
    bool operator==(const CountSockets&) const = default;
};

struct Pause {
    ScriptTime time;
    bool operator==(const Pause&) const = default;
};

/// What needs nothing done here. `foreign`: it sets up another operating system.
struct Nothing {
    bool foreign = false;
    bool operator==(const Nothing&) const = default;
};

using Action = std::variant<SetSysctl, RunFile, CountSockets, Pause, Nothing>;

/// What the shell commands of a script ask for; no shell runs. Known are comments, sysctl, set_sysctls.py, files of
/// commands, sleep, FreeBSD's sockstat with a count, and what a new network namespace makes needless (ip tcp_metrics
/// flush, tc qdisc on the device, restoring sysctls). Throws NotSupportedError for anything else, with `line`.
std::vector<Action> interpret(std::string_view text, std::size_t line);

}  // namespace halfclosed::scenarios::packetdrill
