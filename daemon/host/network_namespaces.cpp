#include "host/network_namespaces.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <string_view>
#include <system_error>

#include "host/mountinfo.h"
#include "host/owner.h"
#include "host/process_cgroup.h"
#include "posix/directory.h"
#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

/// A process with one thread has three: itself, its parent and the thread.
constexpr nlink_t kOneThread = 3;

/// The text of the link says it, "net:[4026532000]"; to follow the link would have the kernel make an inode for the
/// occasion (fs/nsfs.c:ns_get_path). 0 with errno if there is none, or it may not be looked at.
NamespaceInode namespace_of(int directory, const std::string& path) {
    std::array<char, 64> text{};
    const ssize_t length = ::readlinkat(directory, path.c_str(), text.data(), text.size());
    std::string_view link(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    constexpr std::string_view kStart = "net:[";
    if (link.starts_with(kStart) && link.ends_with(']')) {
        link.remove_prefix(kStart.size());
        link.remove_suffix(1);
        if (const auto inode = text::to_number<NamespaceInode>(link)) {
            return *inode;
        }
    }
    struct stat status {};
    if (length < 0 && errno != EINVAL) {
        return 0;
    }
    return ::fstatat(directory, path.c_str(), &status, 0) == 0 ? status.st_ino : 0;
}

class Search {
 public:
    explicit Search(std::string proc) : proc_(std::move(proc)) {}

    NetworkNamespaces run() && {
        look_at_mounts(proc_ + "/thread-self/mountinfo", "");
        if (!same_mounts_as_first()) {
            look_at_mounts(proc_ + "/1/mountinfo", proc_ + "/1/root");
        }
        look_at_processes();
        if (!hidden_.empty()) {
            for (const auto& [inode, space] : found_.by_inode) {
                for (const pid_t pid : space.processes) {
                    hidden_.erase(proc_net_inode(pid));
                }
            }
            hidden_.erase(0);
        }
        found_.unreadable = hidden_.size();
        return std::move(found_);
    }

 private:
    /// Whether process 1 sees the same mounts under the same names; no, if that may not be asked.
    bool same_mounts_as_first() const {
        const auto same = [this](const char* file) {
            struct stat own {};
            struct stat first {};
            return ::stat((proc_ + "/thread-self/" + file).c_str(), &own) == 0 &&
                   ::stat((proc_ + "/1/" + file).c_str(), &first) == 0 &&
                   own.st_dev == first.st_dev && own.st_ino == first.st_ino;
        };
        return same("ns/mnt") && same("root");
    }

    void look_at_mounts(const std::string& mountinfo, const std::string& root) {
        try {
            for (const Mount& mount :
                 parse_mounts(posix::read_file(mountinfo, kLargestMountinfo), "nsfs", mountinfo)) {
                if (mount.root.starts_with("net:[")) {
                    look_at_mount(root + mount.point, mount.point);
                }
            }
        } catch (const posix::Error&) {
            // The namespaces that processes are in are found without.
        }
    }

    void look_at_mount(const std::string& path, const std::string& point) {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) {
            return;
        }
        NetworkNamespace& space = found_.by_inode[status.st_ino];
        add_way(space, path);
        if (!space.mount) {
            space.mount = point.substr(point.rfind('/') + 1);
        }
    }

    void look_at_processes() {
        const posix::Directory directory = posix::open_directory(AT_FDCWD, proc_.c_str());
        if (!directory) {
            throw posix::Error(proc_, std::generic_category().message(errno));
        }
        std::vector<pid_t> pids;
        while (const dirent* entry = ::readdir(directory.get())) {
            if (const auto pid = text::to_number<pid_t>(entry->d_name)) {
                pids.push_back(*pid);
            }
        }
        std::sort(pids.begin(), pids.end());
        for (const pid_t pid : pids) {
            look_at_process(::dirfd(directory.get()), pid);
        }
    }

    void look_at_process(int proc, pid_t pid) {
        const std::string process = std::to_string(pid);
        if (!look_at(proc, process + "/ns/net", pid)) {
            return;
        }
        const std::string tasks = process + "/task";
        struct stat status {};
        if (::fstatat(proc, tasks.c_str(), &status, 0) != 0 || status.st_nlink <= kOneThread) {
            return;
        }
        const posix::Directory directory = posix::open_directory(proc, tasks.c_str());
        while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
            const auto thread = text::to_number<pid_t>(entry->d_name);
            if (thread && *thread != pid) {
                look_at(proc, tasks + "/" + entry->d_name + "/ns/net", pid);
            }
        }
    }

    /// Whether it could be looked at. A process that has ended, or ends, has none.
    bool look_at(int proc, const std::string& path, pid_t pid) {
        const NamespaceInode inode = namespace_of(proc, path);
        if (inode == 0) {
            if (errno == EACCES || errno == EPERM) {
                hidden_.insert(proc_net_inode(pid));
            }
            return false;
        }
        NetworkNamespace& space = found_.by_inode[inode];
        // The threads of a process count once, and the ways are not all of one process.
        if (!space.processes.empty() && space.processes.back() == pid) {
            return true;
        }
        if (space.ways.size() < NetworkNamespace::kMostWays) {
            add_way(space, proc_ + "/" + path);
        }
        if (space.processes.size() < NetworkNamespace::kMostWays) {
            space.processes.push_back(pid);
        }
        return true;
    }

    /// 0 if the process has ended.
    std::uint64_t proc_net_inode(pid_t pid) const {
        struct stat status {};
        const std::string file = proc_ + "/" + std::to_string(pid) + "/net/sockstat";
        return ::stat(file.c_str(), &status) == 0 ? status.st_ino : 0;
    }

    static void add_way(NetworkNamespace& space, const std::string& path) {
        if (space.ways.size() < NetworkNamespace::kMostWays) {
            space.ways.push_back(path);
        }
    }

    std::string proc_;
    NetworkNamespaces found_;
    std::set<std::uint64_t> hidden_;  ///< of processes that may not be looked at: proc_net_inode()
};

/// The elements that both begin with: of "pod:1/a" and "pod:1/b" "pod:1".
std::string common_start(const std::string& a, const std::string& b) {
    std::size_t end = 0;
    for (std::size_t i = 0; i <= std::min(a.size(), b.size()); ++i) {
        const bool a_ends = i == a.size() || a[i] == '/';
        const bool b_ends = i == b.size() || b[i] == '/';
        if (a_ends && b_ends) {
            end = i;
        }
        if (i == a.size() || i == b.size() || a[i] != b[i]) {
            break;
        }
    }
    return a.substr(0, end);
}

}  // namespace

NetworkNamespaces find_network_namespaces(const std::string& proc) {
    return Search(proc).run();
}

NamespaceInode own_network_namespace() {
    constexpr const char* path = "/proc/thread-self/ns/net";
    struct stat status {};
    if (::stat(path, &status) != 0) {
        throw posix::Error(path, std::generic_category().message(errno));
    }
    return status.st_ino;
}

std::optional<std::string> common_owner(const std::vector<pid_t>& processes,
                                        const std::string& proc) {
    std::optional<std::string> common;
    for (const pid_t pid : processes) {
        std::string cgroup;
        try {
            cgroup = parse_process_cgroup(
                posix::read_file(proc + "/" + std::to_string(pid) + "/cgroup"));
        } catch (const posix::Error&) {
            continue;  // it has ended
        }
        const std::string name = owner_of(cgroup).name;
        common = common ? common_start(*common, name) : name;
    }
    // A path of a cgroup that is no unit's says nothing.
    if (!common || common->empty() || common->starts_with('/') || *common == kUnknownOwner) {
        return std::nullopt;
    }
    return common;
}

}  // namespace halfclosed::host
