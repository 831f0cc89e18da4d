#include "scenarios/programs/call_log.h"

#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "posix/clock.h"

namespace halfclosed::programs {

std::chrono::nanoseconds CallLog::now() {
    return posix::boot_clock_now();
}

void CallLog::note(const Call& call) const {
    if (report_fd_ >= 0) {
        // One write: a line shorter than PIPE_BUF is never torn, whenever a signal ends this
        // program.
        const std::string line = to_line(call);
        [[maybe_unused]] const auto written = write(report_fd_, line.data(), line.size());
    }
    if (verbose_) {
        const std::string why =
            call.error != 0 ? std::string(" (") + std::strerror(call.error) + ")" : "";
        std::fprintf(stderr, "%s%s\n", to_string(call).c_str(), why.c_str());
    }
}

}  // namespace halfclosed::programs
