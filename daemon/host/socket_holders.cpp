#include "host/socket_holders.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "posix/clock.h"
#include "posix/directory.h"
#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

bool is_forbidden(int error) {
    return error == EACCES || error == EPERM;
}

bool is_gone(int error) {
    return error == ENOENT || error == ESRCH;
}

/// The inode of a link that reads "socket:[4711]" (net/socket.c:sockfs_dname); 0 for any other,
/// which is no inode.
SocketInode socket_inode(std::string_view link) {
    constexpr std::string_view kPrefix = "socket:[";
    if (!link.starts_with(kPrefix) || !link.ends_with(']')) {
        return 0;
    }
    link.remove_prefix(kPrefix.size());
    link.remove_suffix(1);
    return text::to_number<SocketInode>(link).value_or(0);
}

/// Reads the inode behind one entry of an fd directory; nothing with errno when the link cannot be
/// read.
std::optional<SocketInode> read_socket_inode(int directory, const char* entry) {
    // "socket:[4294967295]" has 19 characters; longer links are cut, and are no sockets.
    std::array<char, 32> link;
    const ssize_t length = ::readlinkat(directory, entry, link.data(), link.size());
    if (length < 0) {
        return std::nullopt;
    }
    return socket_inode({link.data(), static_cast<std::size_t>(length)});
}

/// Who the process is, by its fd directory. Its ".." is the directory of the very process that it
/// was opened of, which is empty once that has ended, whatever process has the pid by then: an
/// inode of /proc stands for a struct pid, not for its number (fs/proc/base.c:get_proc_task).
/// Nothing when the process has ended.
std::optional<ProcessStat> read_stat(int fd_directory) {
    const posix::Descriptor file(::openat(fd_directory, "../stat", O_RDONLY | O_CLOEXEC));
    if (!file) {
        return std::nullopt;
    }
    std::array<char, 2048> text;  // 52 numbers of at most 20 digits and a name
    const ssize_t length = ::read(file.get(), text.data(), text.size());
    if (length <= 0) {
        return std::nullopt;
    }
    return parse_process_stat({text.data(), static_cast<std::size_t>(length)}, "/proc/PID/stat");
}

/// One pass, process by process.
class Pass {
 public:
    Pass(const std::unordered_set<SocketInode>& inodes, const PassBudget& budget)
        : inodes_(inodes), budget_(budget), start_(posix::thread_cpu_time()) {}

    /// Whether the budget has not ended.
    bool affordable() const;

    /// Looks through one process. Returns the pid from which to go on when the budget ended before
    /// the process did, else 0.
    pid_t look_through(int proc, pid_t pid);

    Holders take() { return std::move(found_); }

 private:
    struct Hit {
        SocketInode inode;
        int descriptor;
    };

    void name_holder(int fd_directory, pid_t pid);

    const std::unordered_set<SocketInode>& inodes_;
    const PassBudget budget_;
    const std::chrono::nanoseconds start_;
    std::vector<Hit> hits_;
    Holders found_;
};

bool Pass::affordable() const {
    return found_.descriptors < budget_.descriptors &&
           posix::thread_cpu_time() - start_ < budget_.cpu;
}

pid_t Pass::look_through(int proc, pid_t pid) {
    const posix::Directory directory =
        posix::open_directory(proc, (std::to_string(pid) + "/fd").c_str());
    if (!directory) {
        if (is_forbidden(errno)) {
            ++found_.unreadable;
        } else if (!is_gone(errno)) {
            throw posix::Error("/proc/" + std::to_string(pid) + "/fd",
                               std::generic_category().message(errno));
        }
        return 0;
    }
    const int fd_directory = ::dirfd(directory.get());
    const bool has_whole_budget = found_.descriptors == 0;
    bool in_budget = true;
    hits_.clear();
    while (const dirent* const entry = ::readdir(directory.get())) {
        const auto descriptor = text::to_number<int>(entry->d_name);
        if (!descriptor) {
            continue;  // "." and ".."
        }
        // The CPU clock is a system call too: it is looked at now and then.
        in_budget =
            found_.descriptors % 64 == 0 ? affordable() : found_.descriptors < budget_.descriptors;
        if (!in_budget) {
            break;
        }
        ++found_.descriptors;
        const std::optional<SocketInode> inode = read_socket_inode(fd_directory, entry->d_name);
        if (!inode && is_forbidden(errno)) {
            // Names may be read and links not; as it is for one, it is for all of a process.
            ++found_.unreadable;
            return 0;
        }
        if (inode && *inode != 0 && inodes_.contains(*inode)) {
            hits_.push_back({*inode, *descriptor});
        }
    }
    if (!in_budget && !has_whole_budget) {
        return pid;
    }
    name_holder(fd_directory, pid);
    return in_budget ? 0 : pid + 1;
}

void Pass::name_holder(int fd_directory, pid_t pid) {
    if (hits_.empty()) {
        return;
    }
    // One look for all hits, after them: while it can be had, the process that had them runs.
    const std::optional<ProcessStat> process = read_stat(fd_directory);
    if (!process) {
        return;
    }
    for (const Hit& hit : hits_) {
        found_.by_inode[hit.inode].push_back({pid, hit.descriptor, *process});
    }
}

}  // namespace

Holders find_holders(const std::unordered_set<SocketInode>& inodes, const PassBudget& budget,
                     pid_t first, const std::string& proc) {
    const posix::Directory processes = posix::open_directory(AT_FDCWD, proc.c_str());
    if (!processes) {
        throw posix::Error(proc, std::generic_category().message(errno));
    }
    Pass pass(inodes, budget);
    pid_t next = 0;
    while (const dirent* const entry = ::readdir(processes.get())) {
        const auto pid = text::to_number<pid_t>(entry->d_name);
        if (!pid || *pid < first) {
            continue;
        }
        if (!pass.affordable()) {
            next = *pid;
            break;
        }
        next = pass.look_through(::dirfd(processes.get()), *pid);
        if (next != 0) {
            break;
        }
    }
    Holders found = pass.take();
    found.next = next;
    return found;
}

}  // namespace halfclosed::host
