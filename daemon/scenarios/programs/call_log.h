#pragma once

#include <cerrno>
#include <chrono>

#include "scenarios/programs/call.h"

namespace halfclosed::programs {

/// Makes system calls and reports the result of each: as text on standard error, and to the lab as lines on a file
/// descriptor that it passed.
class CallLog {
 public:
    /// `report_fd`: where the lines go; -1 for nowhere. `verbose`: whether to write to standard error too.
    CallLog(int report_fd, bool verbose) : report_fd_(report_fd), verbose_(verbose) {}

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
    bool verbose_;
};

}  // namespace halfclosed::programs
