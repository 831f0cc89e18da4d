#pragma once

#include <string>

#include "control/peer_credentials.h"
#include "posix/file.h"

namespace halfclosed::control {

/// Checks and returns the path of a socket. Throws std::invalid_argument where the kernel has no room for it, unix(7).
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
    Owner owner() const;

    /// The next connection that waits, non-blocking; none where none does or descriptors are short.
    posix::Descriptor accept() const;

 private:
    std::string path_;
    posix::Descriptor socket_;
    std::pair<unsigned long, unsigned long>
        file_;  ///< device and inode: what we made, and may remove
};

}  // namespace halfclosed::control
