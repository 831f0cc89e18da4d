#include "host/cgroup_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "posix/directory.h"

namespace halfclosed::host {
namespace {

/// FILEID_KERNFS of include/linux/exportfs.h, which is not exported to user space: a handle that is
/// the 64-bit id.
constexpr int kKernfsHandle = 0xfe;

/// The root of a kernfs (fs/kernfs/dir.c:kernfs_create_root()).
constexpr CgroupId kRoot = 1;

[[noreturn]] void fail(const std::string& file, const std::string& attempt = {}) {
    throw posix::Error(file, attempt + std::generic_category().message(errno));
}

/// The path of an open directory; of one whose path is too long, that of the nearest above and "/…".
std::string path_of(const posix::Descriptor& directory) {
    std::array<char, PATH_MAX> link{};
    posix::Descriptor above;
    std::string ending;
    while (true) {
        const int file = above ? above.get() : directory.get();
        const std::string name = "/proc/self/fd/" + std::to_string(file);
        const ssize_t length = ::readlink(name.c_str(), link.data(), link.size());
        if (length >= 0) {
            return std::string(link.data(), static_cast<std::size_t>(length)) + ending;
        }
        if (errno != ENAMETOOLONG) {
            fail(name);
        }
        above = posix::Descriptor(::openat(file, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!above) {
            fail(name, "..: ");
        }
        ending = "/…";
    }
}

}  // namespace

CgroupTree::CgroupTree(CgroupMount mount)
    : mount_(std::move(mount)),
      directory_(::open(mount_.point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    struct statfs system {};
    struct stat status {};
    if (!directory_ || ::fstatfs(directory_.get(), &system) != 0 ||
        ::fstat(directory_.get(), &status) != 0) {
        fail(mount_.point);
    }
    if (system.f_type != CGROUP2_SUPER_MAGIC) {
        throw NotVisible(mount_.point, "the cgroup2 mount is covered by another");
    }
    whole_ = status.st_ino == kRoot;
}

posix::Descriptor CgroupTree::open(CgroupId id) const {
    // struct file_handle ends in an array without a length: room for it and the id behind it.
    alignas(file_handle) std::array<char, sizeof(file_handle) + sizeof id> room{};
    auto* const handle = new (room.data()) file_handle;
    handle->handle_bytes = sizeof id;
    handle->handle_type = kKernfsHandle;
    std::memcpy(room.data() + offsetof(file_handle, f_handle), &id, sizeof id);
    return posix::Descriptor(
        ::open_by_handle_at(directory_.get(), handle, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/// Whether a cgroup that is there can be opened: in a user namespace of its own a process gets ESTALE for any that is
/// not its own (fs/fhandle.c:vfs_dentry_acceptable()).
bool CgroupTree::opens_handles() const {
    const posix::Directory top = posix::open_directory(directory_.get(), ".");
    while (const dirent* const entry = top ? ::readdir(top.get()) : nullptr) {
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            return static_cast<bool>(open(entry->d_ino));
        }
    }
    return true;
}

CgroupTree::Lookup CgroupTree::by_handle(CgroupId id, std::string& path) const {
    const posix::Descriptor cgroup = open(id);
    if (!cgroup) {
        switch (errno) {
            case ESTALE:
                return !opens_handles() ? Lookup::not_permitted
                       : whole_         ? Lookup::gone
                                        : Lookup::not_visible;
            case ENOTDIR:  // the id of a file inside a cgroup
                return Lookup::gone;
            case EPERM:
            case EACCES:
            case ENOSYS:      // a system call filter
            case EOPNOTSUPP:  // a kernel whose cgroup2 has no handles
                return Lookup::not_permitted;
            default:
                fail(mount_.point, "open_by_handle_at: ");
        }
    }
    const std::string full = path_of(cgroup);
    // A cgroup that was removed meanwhile reads "… (deleted)", and so may a name that a user chose.
    struct stat status {};
    if (full.ends_with(" (deleted)") &&
        (::stat(full.c_str(), &status) != 0 || status.st_ino != id)) {
        return Lookup::gone;
    }
    std::optional<std::string> found = inside(full);
    if (!found) {
        return Lookup::not_visible;
    }
    path = *std::move(found);
    return Lookup::found;
}

CgroupTree::Walk CgroupTree::find(std::set<CgroupId> wanted, std::size_t most) const {
    Walk walk;
    const auto meet = [&](CgroupId id, const std::string& below) {
        if (wanted.erase(id) > 0) {
            walk.paths[id] = *inside(mount_.point + (below.empty() ? "" : "/" + below));
        }
    };
    struct stat top {};
    if (::fstat(directory_.get(), &top) == 0) {
        meet(top.st_ino, "");
    }
    // Breadth first: units are near the root, and a deep tree of one user cannot hide them.
    std::vector<std::string> level{""};
    while (!level.empty() && !wanted.empty()) {
        std::vector<std::string> below;
        for (const std::string& path : level) {
            if (most == 0) {
                walk.complete = false;
                return walk;
            }
            --most;
            const posix::Directory directory =
                posix::open_directory(directory_.get(), path.empty() ? "." : path.c_str());
            if (!directory) {
                // One path that is too long is its own trouble.
                walk.complete = walk.complete && (errno == ENOENT || errno == ENAMETOOLONG);
                continue;
            }
            while (const dirent* const entry = ::readdir(directory.get())) {
                const std::string name = entry->d_name;
                if (entry->d_type != DT_DIR || name == "." || name == "..") {
                    continue;
                }
                const std::string child = path.empty() ? name : fmt::format("{}/{}", path, name);
                meet(entry->d_ino, child);
                if (below.size() < most) {
                    below.push_back(child);
                } else {
                    walk.complete = false;
                }
            }
        }
        level = std::move(below);
    }
    return walk;
}

std::optional<std::string> CgroupTree::inside(std::string_view path) const {
    if (!path.starts_with(mount_.point)) {
        return std::nullopt;
    }
    const std::string_view rest = path.substr(mount_.point.size());
    // A bound part of the tree shows its own place in it, one from outside our cgroup namespace
    // "/..".
    const bool bound = mount_.root != "/" && !mount_.root.starts_with("/..");
    const std::string above = bound ? mount_.root : std::string();
    if (rest.empty()) {
        return above.empty() ? "/" : above;
    }
    if (!rest.starts_with('/')) {
        return std::nullopt;
    }
    return above + std::string(rest);
}

}  // namespace halfclosed::host
