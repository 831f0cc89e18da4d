#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "host/cgroup_mount.h"
#include "posix/file.h"

namespace halfclosed::host {

/// The number by which sock_diag names the cgroup of a socket: the inode of its cgroup v2
/// directory, never reused.
using CgroupId = std::uint64_t;

/// The tree of cgroups, to turn the id that a socket carries into a path such as
/// "/system.slice/nginx.service". Paths are not interpreted: users may make cgroups with any bytes
/// in their names.
class CgroupTree {
 public:
    /// Throws Error when the mount point cannot be opened, NotVisible when another mount covers it.
    explicit CgroupTree(CgroupMount mount = read_cgroup_mount());

    const CgroupMount& mount() const { return mount_; }

    /// Whether the tree's own root is mounted there, not a part of it: that of a cgroup namespace, or one that a
    /// container was given. What is not in a part may still be there.
    bool whole() const { return whole_; }

    /// How a look at one handle ended.
    enum class Lookup { found, gone, not_visible, not_permitted };

    /// Asks the kernel for one cgroup by its file handle (open_by_handle_at(2)); takes
    /// CAP_DAC_READ_SEARCH in the initial user namespace. A path that is longer than the kernel can write is that of the
    /// nearest cgroup above, and "/…". `gone`: removed. `not_visible`: outside of what is mounted, or removed. Throws
    /// Error on any other failure.
    Lookup by_handle(CgroupId id, std::string& path) const;

    struct Walk {
        std::map<CgroupId, std::string> paths;
        bool complete = true;  ///< false when there is more than was read
    };

    /// Looks through the tree for all of `wanted`, takes no privilege, and ends when they are found
    /// or `most` directories have been read. A directory that is removed meanwhile is passed over,
    /// one that may not be read makes the walk incomplete.
    Walk find(std::set<CgroupId> wanted, std::size_t most) const;

 private:
    /// The path inside the hierarchy of a path below the mount point; nothing for any other.
    std::optional<std::string> inside(std::string_view path) const;
    posix::Descriptor open(CgroupId id) const;
    bool opens_handles() const;

    CgroupMount mount_;
    posix::Descriptor directory_;
    bool whole_ = false;
};

}  // namespace halfclosed::host
