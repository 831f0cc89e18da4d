#pragma once

#include <cstdint>
#include <span>

#include "host/socket_holders.h"

namespace halfclosed::host {

/// What a look at one descriptor of a process said.
enum class DescriptorLook : std::uint8_t {
    open,       ///< it still is the socket with this inode, and a TCP socket
    closed,     ///< the process has ended, or the descriptor is closed or another file's
    forbidden,  ///< it may not be looked at, or no longer
};

/// Looks whether `holder` still has the socket under the same number. A socket that the kernel has in no table any
/// more can be told by this alone. A thread may hold it whose process's leader has ended: then /proc/PID/fd is empty,
/// and the threads' own directories are looked at. Never throws.
DescriptorLook look_at_descriptor(const Holder& holder, SocketInode inode);

}  // namespace halfclosed::host
