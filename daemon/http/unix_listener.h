#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "posix/file.h"

namespace halfclosed::http {

struct SocketOwner {
    uid_t user = 0;
    gid_t group = 0;
};

/// Checks and returns the path of a socket. Throws std::invalid_argument if the kernel has no room for it, unix(7).
std::string parse_socket_path(const std::string& text);

/// A listening stream socket at a path of the file system, for its owner and its group (mode 0660). The path is gone
/// when this is. What a killed process left there is taken over; a socket that somebody still listens on is not.
class UnixListener {
 public:
    /// Throws std::runtime_error "cannot listen on /run/x.sock: …".
    explicit UnixListener(const std::string& path);
    ~UnixListener();
    UnixListener(const UnixListener&) = delete;
    UnixListener& operator=(const UnixListener&) = delete;

    int descriptor() const { return socket_.get(); }
    const std::string& path() const { return path_; }

    /// Whose the file is, as its directory or chgrp(1) made it.
    SocketOwner owner() const;

 private:
    std::string path_;
    posix::Descriptor socket_;
    std::pair<unsigned long, unsigned long>
        file_;  ///< device and inode: what we made, and may remove
};

}  // namespace halfclosed::http
