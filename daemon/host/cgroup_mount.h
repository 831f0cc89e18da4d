#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/not_visible.h"

namespace halfclosed::host {

/// Where the cgroup v2 hierarchy can be seen: /sys/fs/cgroup when unified, beside the v1
/// controllers when hybrid.
struct CgroupMount {
    std::string point;  ///< the mount point
    std::string root;   ///< the cgroup that is mounted there, "/" for the whole tree

    bool operator==(const CgroupMount&) const = default;
};

/// The cgroup2 mounts in the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)), those of the whole tree, as far as our
/// cgroup namespace shows it, before those of a part. Throws Error, in the name of `file`, when a line is not as described.
std::vector<CgroupMount> find_cgroup_mounts(std::string_view mountinfo,
                                            const std::string& file = "mountinfo");

/// The first of the calling thread's mount namespace that no other mount covers; a covered one where all are. Throws
/// NotVisible if there is none.
CgroupMount read_cgroup_mount();

}  // namespace halfclosed::host
