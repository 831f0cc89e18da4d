#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "posix/error.h"

namespace halfclosed::host {

/// The inode of a network namespace in nsfs. The kernel uses the number of one that has ended again.
using NamespaceInode = std::uint64_t;

/// A network namespace and the ways into it.
struct NetworkNamespace {
    /// Files that lead to it, "/run/netns/blue" and "/proc/812/ns/net": as many as kMostWays, mounts first.
    std::vector<std::string> ways;
    std::optional<std::string> mount;  ///< the name of its mount, as `ip netns` calls it: "blue"
    std::vector<pid_t> processes;      ///< some of those in it, in the order of their pids

    static constexpr std::size_t kMostWays = 8;

    bool operator==(const NetworkNamespace&) const = default;
};

/// What a look at the host found.
struct NetworkNamespaces {
    std::map<NamespaceInode, NetworkNamespace> by_inode;
    /// Others, of processes whose ns/net may not be looked at (PTRACE_MODE_READ of ptrace(2)): that they are others is
    /// told by the inode of their net/sockstat, which everybody sees.
    std::size_t unreadable = 0;

    bool operator==(const NetworkNamespaces&) const = default;
};

/// Looks for network namespaces where a process, a thread or a mount has one: in /proc/PID/ns/net, in
/// /proc/PID/task/TID/ns/net of processes with several threads, and among the nsfs mounts of this mount namespace and of
/// process 1's. Who may not look at a process still sees that it is in a namespace of its own: each has its own entries in
/// /proc/PID/net (fs/proc/generic.c:proc_register()). One that only a descriptor or a socket keeps is not found. Takes about
/// 4 µs a thread. Throws Error if there is no /proc.
NetworkNamespaces find_network_namespaces(const std::string& proc = "/proc");

/// The calling thread's own. Throws Error.
NamespaceInode own_network_namespace();

/// What the namespace of these processes is called, by the owners of their cgroups: the container, pod, machine or unit
/// that all of them are in ("docker:3f4e5d6c7b8a", "pod:UID"). Nothing if they have none in common.
std::optional<std::string> common_owner(const std::vector<pid_t>& processes,
                                        const std::string& proc = "/proc");

}  // namespace halfclosed::host
