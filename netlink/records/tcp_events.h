#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace halfclosed {

/// A counter of the kernel that tells how half-closed sockets end, or why they are not accepted.
struct TcpEvent {
    const char* name;   ///< the kernel's name, and the metric's label
    const char* table;  ///< TcpExt is in /proc/net/netstat, Tcp in /proc/net/snmp
};

inline constexpr std::array<TcpEvent, 11> kTcpEvents{{
    {"TCPAbortOnData", "TcpExt"},
    {"TCPAbortOnClose", "TcpExt"},
    {"TCPAbortOnTimeout", "TcpExt"},
    {"TCPAbortOnMemory", "TcpExt"},
    {"TCPTimeWaitOverflow", "TcpExt"},
    {"TW", "TcpExt"},
    {"TWKilled", "TcpExt"},
    {"OutRsts", "Tcp"},
    {"EstabResets", "Tcp"},
    {"ListenOverflows", "TcpExt"},
    {"ListenDrops", "TcpExt"},
}};

/// How often each happened, by TcpEvent::name. One that the kernel does not count is absent.
using TcpEventCounts = std::map<std::string, std::uint64_t>;

}  // namespace halfclosed
