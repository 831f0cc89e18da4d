#pragma once

#include <cerrno>
#include <chrono>

#include "scenarios/programs/call.h"

namespace halfclosed::programs {

/// Makes system calls and tells what came of each: to people as text on standard error, to the lab
/// as lines on a file descriptor that it passed on.
class CallLog {
 public:
    /// `report_fd`: where the lines go; -1 for nowhere. `aloud`: whether people are told as well.
    CallLog(int report_fd, bool aloud) : report_fd_(report_fd), aloud_(aloud) {}

    /// Makes the call, returns its result and leaves errno as the call left it.
    template <typename SystemCall>
    auto make(const char* name, SystemCall system_call) {
        const std::chrono::nanoseconds began = now();
        const auto result = system_call();
        const int error = result < 0 ? errno : 0;
        note({name, result, error, began, now()});
        errno = error;
        return result;
    }

 private:
    static std::chrono::nanoseconds now();
    void note(const Call& call) const;

    int report_fd_;
    bool aloud_;
};

}  // namespace halfclosed::programs
