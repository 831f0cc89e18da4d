#include "host/cgroup_mount.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <utility>

#include "host/mountinfo.h"
#include "posix/file.h"

namespace halfclosed::host {
namespace {

constexpr const char* kMountinfo = "/proc/thread-self/mountinfo";

}  // namespace

std::vector<CgroupMount> find_cgroup_mounts(std::string_view mountinfo, const std::string& file) {
    std::vector<CgroupMount> mounts;
    for (Mount& mount : parse_mounts(mountinfo, "cgroup2", file)) {
        mounts.push_back({std::move(mount.point), std::move(mount.root)});
    }
    std::stable_partition(mounts.begin(), mounts.end(),
                          [](const CgroupMount& mount) { return mount.root == "/"; });
    return mounts;
}

CgroupMount read_cgroup_mount() {
    std::vector<CgroupMount> mounts =
        find_cgroup_mounts(posix::read_file(kMountinfo, kLargestMountinfo), kMountinfo);
    if (mounts.empty()) {
        throw NotVisible(kMountinfo, "no cgroup2 mount");
    }
    // Another may be mounted over one.
    const auto visible = std::find_if(mounts.begin(), mounts.end(), [](const CgroupMount& mount) {
        struct statfs system {};
        return ::statfs(mount.point.c_str(), &system) == 0 && system.f_type == CGROUP2_SUPER_MAGIC;
    });
    return visible != mounts.end() ? *visible : mounts.front();
}

}  // namespace halfclosed::host
