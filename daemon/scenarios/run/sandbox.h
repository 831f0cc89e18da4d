#pragma once

#include <sys/types.h>

#include <exception>
#include <functional>
#include <stdexcept>

#include "posix/file.h"

namespace halfclosed::scenarios {

/// The system does not allow namespaces of our own. what() is one line that says what to change.
class RefusedError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// A child process in a PID namespace and a network namespace of its own, and if the caller is
/// not privileged in a user namespace of its own. It is the first process of its PID namespace:
/// whatever it starts ends with it, and it ends with the thread that made it (PR_SET_PDEATHSIG). For use in a process with one thread.
class Sandbox {
 public:
    /// What runs inside, with the writing end of a pipe to the caller.
    using Inside = std::function<void(int pipe)>;
    /// Reports to the caller why it could not; the child ends then.
    using Failed = std::function<void(int pipe, const std::exception& why)>;

    /// Throws RefusedError, or std::system_error.
    Sandbox(const Inside& inside, const Failed& failed);

    /// Ends everything inside, and returns when it is gone.
    ~Sandbox();
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    /// The reading end of the pipe, once.
    posix::Descriptor take_pipe() { return std::move(pipe_); }

 private:
    pid_t pid_;
    posix::Descriptor pipe_;
};

}  // namespace halfclosed::scenarios
