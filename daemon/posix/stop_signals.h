#pragma once

#include <csignal>

#include "posix/file.h"

namespace halfclosed::posix {

/// While it lives, SIGINT, SIGTERM and SIGHUP, where they are not ignored, do not end the program but make a descriptor readable.
class StopSignals {
 public:
    /// Throws std::system_error.
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    int descriptor() const { return descriptor_.get(); }

    /// The signal that came; 0: none.
    int take() const;

 private:
    sigset_t before_{};
    Descriptor descriptor_;
};

/// Ends the program as the signal would have ended it, so that the sender sees that.
void end_by(int signal);

}  // namespace halfclosed::posix
