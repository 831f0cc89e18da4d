#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "posix/error.h"

namespace halfclosed::host {

/// Where the cgroup v2 hierarchy can be seen: /sys/fs/cgroup when unified, beside the v1
/// controllers when hybrid.
struct CgroupMount {
    std::string point;  ///< the mount point
    std::string root;   ///< the cgroup that is mounted there, "/" for the whole tree

    bool operator==(const CgroupMount&) const = default;
};

/// Finds the cgroup2 mount in the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)), one of the
/// whole tree before one of a part; nothing where there is none. Throws Error, in the name of
/// `file`, when a line is not as described.
std::optional<CgroupMount> find_cgroup_mount(std::string_view mountinfo,
                                             const std::string& file = "mountinfo");

/// As above, of the calling thread's mount namespace. Throws Error where there is none.
CgroupMount read_cgroup_mount();

}  // namespace halfclosed::host
