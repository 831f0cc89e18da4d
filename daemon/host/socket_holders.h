#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "posix/error.h"

namespace halfclosed::host {

/// The inode of an open socket, as sock_diag has it.
using SocketInode = std::uint32_t;

/// A process with a descriptor of a socket.
struct Holder {
    pid_t pid = 0;
    pid_t thread =
        0;  ///< whose table it was found in: the leader's, which is `pid`, or one that is not the leader's
    int descriptor = -1;  ///< -1: a registered file of io_uring, which has no number
    /// From outside: any bytes but NUL, newlines too; cut after 15, maybe inside a character.
    std::string comm;
    /// On the boot clock, to 10 ms. With the pid it names a process for good.
    std::chrono::nanoseconds started{0};
    std::string cgroup;  ///< parse_process_cgroup(); empty if it could not be read

    bool operator==(const Holder&) const = default;
};

/// How much one pass over the processes may cost. A process at which it ends is left to the next
/// pass, unless it is larger than a whole budget: then what was seen of it is all.
struct PassBudget {
    std::chrono::nanoseconds cpu = std::chrono::seconds(1);
    std::size_t descriptors = 1'000'000;
    /// After so much CPU time no further process is begun.
    std::chrono::nanoseconds step = std::chrono::nanoseconds::max();
};

/// What a pass found. A socket may have several holders (fork(2)), or none that can be seen: a
/// descriptor on its way between processes (unix(7), SCM_RIGHTS), or of a process that is hidden or
/// not ours to read (ProcessView).
struct Holders {
    std::unordered_map<SocketInode, std::vector<Holder>> by_inode;
    std::size_t descriptors = 0;  ///< looked at
    std::size_t unreadable = 0;   ///< processes whose descriptors we may not read
    pid_t first_unreadable = 0;   ///< one of them
    pid_t next = 0;               ///< `first` of a pass that goes on where the budget ended, else 0

    bool complete() const { return next == 0; }
};

/// Which tables of descriptors a pass looks through.
enum class Tables {
    one_a_process,  ///< almost always that of all its threads
    all,  ///< those too that a thread keeps to itself (unshare(2), CLONE_FILES), as far as kcmp(2) may tell them
};

/// One pass over the descriptors of all processes from `first` on, in the order of their pids. It
/// is safe against pids that are reused meanwhile: a holder had the descriptor during the pass, and
/// its name and start time are its own. Throws Error when /proc itself cannot be read, or when this
/// process has no descriptors left.
Holders find_holders(const std::unordered_set<SocketInode>& inodes, const PassBudget& budget = {},
                     pid_t first = 1, const std::string& proc = "/proc",
                     Tables tables = Tables::one_a_process);

/// Looks whether holders still are. Each process is looked at once in the life of the object, which is one moment.
class HolderCheck {
 public:
    explicit HolderCheck(std::string proc = "/proc") : proc_(std::move(proc)) {}

    /// Whether the same process has the socket under the same number.
    bool still_holds(const Holder& holder, SocketInode inode);

 private:
    std::string proc_;
    std::unordered_map<pid_t, std::chrono::nanoseconds> started_;  ///< before time began: ended
};

/// The inodes of the sockets among the registered files of a ring, from the text of /proc/PID/fdinfo/RING
/// (io_uring/fdinfo.c). Kernels that do not write what a registered file is (before 6.2) have none.
std::vector<SocketInode> parse_registered_sockets(std::string_view fdinfo);

}  // namespace halfclosed::host
