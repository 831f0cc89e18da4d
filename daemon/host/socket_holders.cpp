#include "host/socket_holders.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "host/process_cgroup.h"
#include "host/process_stat.h"
#include "host/socket_link.h"
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

/// Whether a thread has another table of descriptors than a thread of the same process. No, where that may not be asked.
bool has_another_table(pid_t thread, pid_t known) {
    return ::syscall(SYS_kcmp, known, thread, KCMP_FILES, 0, 0) > 0;
}

/// Who a process is, by an open directory of it or below. Such a directory is of the very process that it was opened of,
/// and empty once that has ended, whatever process has the pid by then: an inode of /proc stands for a struct pid, not
/// for its number (fs/proc/base.c:get_proc_task). Nothing when the process has ended, its last thread too.
std::optional<ProcessStat> read_stat(int directory, const std::string& path) {
    const std::optional<std::string> text = read_proc_file(directory, path);
    if (!text || text->empty()) {
        return std::nullopt;
    }
    return parse_process_stat(*text, "/proc/PID/stat");
}

/// One pass, process by process.
class Pass {
 public:
    Pass(const std::unordered_set<SocketInode>& inodes, const PassBudget& budget, Tables tables)
        : inodes_(inodes), budget_(budget), tables_(tables), start_(posix::thread_cpu_time()) {}

    /// Whether the budget has not ended.
    bool affordable() const;

    /// Whether there is time for one more process. For the first there always is.
    bool may_begin_another();

    /// Looks through one process. Returns the pid from which to go on when the budget ended before
    /// the process did, else 0.
    pid_t look_through(int proc, pid_t pid);

    Holders take() { return std::move(found_); }

 private:
    struct Hit {
        SocketInode inode;
        int descriptor;
    };
    /// How the look at one table of descriptors ended.
    enum class Table { read, empty, gone, unreadable, unaffordable };

    Table look_through_table(int proc, pid_t pid, pid_t thread, const std::string& path);
    Table look_through_threads(int proc, pid_t pid, Table leader);
    void name_holder(int fd_directory, pid_t pid, pid_t thread);
    void note_unreadable(pid_t pid);

    const std::unordered_set<SocketInode>& inodes_;
    const PassBudget budget_;
    const Tables tables_;
    const std::chrono::nanoseconds start_;
    bool began_ = false;
    std::vector<Hit> hits_;
    Holders found_;
};

bool Pass::affordable() const {
    return found_.descriptors < budget_.descriptors &&
           posix::thread_cpu_time() - start_ < budget_.cpu;
}

bool Pass::may_begin_another() {
    const bool another = std::exchange(began_, true);
    return affordable() && (!another || posix::thread_cpu_time() - start_ < budget_.step);
}

void Pass::note_unreadable(pid_t pid) {
    if (found_.unreadable++ == 0) {
        found_.first_unreadable = pid;
    }
}

pid_t Pass::look_through(int proc, pid_t pid) {
    const bool has_whole_budget = found_.descriptors == 0;
    Table table = look_through_table(proc, pid, pid, std::to_string(pid) + "/fd");
    // Empty is also that of a leader that has ended: its threads go on and hold what it held.
    if (table == Table::empty || (table == Table::read && tables_ == Tables::all)) {
        table = look_through_threads(proc, pid, table);
    }
    switch (table) {
        case Table::unreadable:
            note_unreadable(pid);
            return 0;
        case Table::unaffordable:
            return has_whole_budget ? pid + 1 : pid;
        default:
            return 0;
    }
}

Pass::Table Pass::look_through_threads(int proc, pid_t pid, Table leader) {
    const std::string tasks = std::to_string(pid) + "/task";
    struct stat status {};
    constexpr nlink_t kNoThread = 2;
    // A kernel thread has no descriptors either: most processes with an empty table are done with here.
    if (::fstatat(proc, tasks.c_str(), &status, 0) != 0 || status.st_nlink <= kNoThread + 1) {
        return leader;
    }
    const posix::Directory directory = posix::open_directory(proc, tasks.c_str());
    if (!directory) {
        return Table::gone;
    }
    // Whose table was read: one is almost always that of all (clone(2), CLONE_FILES).
    pid_t known = leader == Table::read ? pid : 0;
    while (const dirent* const entry = ::readdir(directory.get())) {
        const auto thread = text::to_number<pid_t>(entry->d_name);
        if (!thread || *thread == pid || (known != 0 && !has_another_table(*thread, known))) {
            continue;
        }
        switch (const Table table =
                    look_through_table(proc, pid, *thread, tasks + "/" + entry->d_name + "/fd")) {
            case Table::unreadable:
            case Table::unaffordable:
                return table;
            case Table::read:
                if (tables_ == Tables::one_a_process) {
                    return table;
                }
                known = known == 0 ? *thread : known;
                break;
            default:
                break;
        }
    }
    return known == 0 ? Table::empty : Table::read;
}

Pass::Table Pass::look_through_table(int proc, pid_t pid, pid_t thread, const std::string& path) {
    const posix::Directory directory = posix::open_directory(proc, path.c_str());
    if (!directory) {
        if (is_forbidden(errno)) {
            return Table::unreadable;
        }
        if (is_gone(errno)) {
            return Table::gone;
        }
        throw posix::Error("/proc/" + path, std::generic_category().message(errno));
    }
    const int fd_directory = ::dirfd(directory.get());
    const bool has_whole_budget = found_.descriptors == 0;
    bool in_budget = true;
    bool empty = true;
    hits_.clear();
    while (const dirent* const entry = ::readdir(directory.get())) {
        const auto descriptor = text::to_number<int>(entry->d_name);
        if (!descriptor) {
            continue;  // "." and ".."
        }
        empty = false;
        // The CPU clock is a system call too: it is looked at now and then.
        in_budget =
            found_.descriptors % 64 == 0 ? affordable() : found_.descriptors < budget_.descriptors;
        if (!in_budget) {
            break;
        }
        ++found_.descriptors;
        const auto target = read_descriptor_link(fd_directory, entry->d_name);
        if (!target && is_forbidden(errno)) {
            // Names may be read and links not; as it is for one, it is for all of a process.
            return Table::unreadable;
        }
        if (target && inodes_.contains(target->socket) && target->socket != 0) {
            hits_.push_back({target->socket, *descriptor});
        } else if (target && target->ring) {
            const auto fdinfo =
                read_proc_file(fd_directory, std::string("../fdinfo/") + entry->d_name);
            for (const SocketInode inode : parse_registered_sockets(fdinfo.value_or(""))) {
                if (inodes_.contains(inode)) {
                    hits_.push_back({inode, -1});
                }
            }
        }
    }
    if (!in_budget && !has_whole_budget) {
        return Table::unaffordable;
    }
    name_holder(fd_directory, pid, thread);
    return !in_budget ? Table::unaffordable : empty ? Table::empty : Table::read;
}

void Pass::name_holder(int fd_directory, pid_t pid, pid_t thread) {
    if (hits_.empty()) {
        return;
    }
    // One look for all hits, after them: while it can be had, the process that had them runs.
    const std::string process = thread == pid ? "../" : "../../../";
    const std::optional<ProcessStat> stat = read_stat(fd_directory, process + "stat");
    if (!stat) {
        return;
    }
    const std::string cgroup =
        parse_process_cgroup(read_proc_file(fd_directory, "../cgroup").value_or(""));
    for (const Hit& hit : hits_) {
        found_.by_inode[hit.inode].push_back(
            {pid, thread, hit.descriptor, stat->comm, stat->started, cgroup});
    }
}

}  // namespace

Holders find_holders(const std::unordered_set<SocketInode>& inodes, const PassBudget& budget,
                     pid_t first, const std::string& proc, Tables tables) {
    const posix::Directory processes = posix::open_directory(AT_FDCWD, proc.c_str());
    if (!processes) {
        throw posix::Error(proc, std::generic_category().message(errno));
    }
    Pass pass(inodes, budget, tables);
    pid_t next = 0;
    while (const dirent* const entry = ::readdir(processes.get())) {
        const auto pid = text::to_number<pid_t>(entry->d_name);
        if (!pid || *pid < first) {
            continue;
        }
        if (!pass.may_begin_another()) {
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

bool HolderCheck::still_holds(const Holder& holder, SocketInode inode) {
    const std::string process = proc_ + "/" + std::to_string(holder.pid);
    const auto [known, is_new] = started_.try_emplace(holder.pid, std::chrono::nanoseconds{-1});
    if (is_new) {
        const std::optional<ProcessStat> stat = read_stat(AT_FDCWD, process + "/stat");
        if (stat && !stat->ended) {
            known->second = stat->started;
        }
    }
    if (known->second != holder.started) {
        return false;
    }
    if (holder.descriptor < 0) {
        return true;
    }
    const std::string table =
        holder.thread == holder.pid ? "/fd/" : "/task/" + std::to_string(holder.thread) + "/fd/";
    const auto target = read_descriptor_link(
        AT_FDCWD, (process + table + std::to_string(holder.descriptor)).c_str());
    return target && target->socket == inode;
}

}  // namespace halfclosed::host
