#pragma once

#include <cstdint>

#include "records/socket_record.h"

namespace halfclosed::tracking {

/// Who holds a socket.
enum class Custody : std::uint8_t {
    process,       ///< a file descriptor
    accept_queue,  ///< a listener: the connection waits for accept()
    orphan,  ///< nobody: the process closed it, the kernel ends the connection with the full socket
    timewait,   ///< nobody: a minisock is left, in FIN-WAIT-2 or TIME-WAIT
    handshake,  ///< nobody yet: a request socket
};

inline constexpr Custody kCustodies[] = {Custody::process, Custody::accept_queue, Custody::orphan,
                                         Custody::timewait, Custody::handshake};

const char* name(Custody custody);

/// A function of state, timer, inode and attributes. inode == 0 alone says little: orphans,
/// unaccepted children, minisocks, request sockets and the kernel's own sockets all have it.
Custody custody(const SocketRecord& record);

}  // namespace halfclosed::tracking
