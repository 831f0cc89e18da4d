#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "host/process_stat.h"
#include "posix/error.h"

namespace halfclosed::host {

/// The inode of an open socket, as sock_diag snapshots it.
using SocketInode = std::uint32_t;

/// A process with a descriptor of a socket.
struct Holder {
    pid_t pid = 0;
    int descriptor = -1;
    ProcessStat process;

    bool operator==(const Holder&) const = default;
};

/// How much one pass over the processes may cost. A process at which it ends is left to the next
/// pass, unless it is larger than a whole budget: then what was seen of it is all.
struct PassBudget {
    std::chrono::nanoseconds cpu = std::chrono::seconds(1);
    std::size_t descriptors = 1'000'000;
};

/// What a pass found. A socket may have several holders (fork(2)), or none that can be seen: a
/// descriptor on its way between processes (unix(7), SCM_RIGHTS), in a table that a thread keeps to
/// itself, or of a process that is hidden (proc(5), hidepid) or not ours to read, which takes
/// CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE.
struct Holders {
    std::unordered_map<SocketInode, std::vector<Holder>> by_inode;
    std::size_t descriptors = 0;  ///< looked at
    std::size_t unreadable = 0;   ///< processes whose descriptors we may not read
    pid_t next = 0;               ///< `first` of a pass that goes on where the budget ended, else 0

    bool complete() const { return next == 0; }
};

/// One pass over the descriptors of all processes from `first` on, in the order of their pids. It
/// is safe against pids that are reused meanwhile: a holder had the descriptor during the pass, and
/// its name and start time are its own. Throws Error when /proc itself cannot be read, or when this
/// process has no descriptors left.
Holders find_holders(const std::unordered_set<SocketInode>& inodes, const PassBudget& budget = {},
                     pid_t first = 1, const std::string& proc = "/proc");

}  // namespace halfclosed::host
