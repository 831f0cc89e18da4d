#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "posix/file.h"

namespace halfclosed {

/// Tells a person that something long is under way: after a while, and then each second, a line on standard error says
/// what and for how long, and is taken back at the end. Nothing is said where that is no terminal, nor of what is done
/// sooner.
///
/// A child process writes it: the command itself has one thread, and is busy.
class Progress {
 public:
    static constexpr std::chrono::milliseconds kPatience{2000};

    explicit Progress(const std::string& what, std::chrono::milliseconds patience = kPatience);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// From now on it is this.
    void now(const std::string& what) const;

 private:
    pid_t child_ = -1;
    posix::Descriptor told_;  ///< the child ends when this is closed
};

}  // namespace halfclosed
