#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "posix/error.h"

namespace halfclosed::host {

/// A line of /proc/PID/mountinfo (proc(5)).
struct Mount {
    std::string root;   ///< which part of the file system: "/", "net:[4026532000]"
    std::string point;  ///< where it is mounted
    std::string type;   ///< "cgroup2", "nsfs"

    bool operator==(const Mount&) const = default;
};

/// A node that runs containers has thousands of mounts of some hundred bytes.
inline constexpr std::size_t kLargestMountinfo = 16 * 1024 * 1024;

/// The mounts whose file system has this type, in the order of the text. Throws Error, in the name of `file`, on a line
/// that has no type.
std::vector<Mount> parse_mounts(std::string_view mountinfo, std::string_view type,
                                const std::string& file = "mountinfo");

}  // namespace halfclosed::host
