#include "posix/clock.h"

#include <ctime>

namespace halfclosed::posix {
namespace {

std::chrono::nanoseconds read(clockid_t clock) {
    // Fails only for a clock that does not exist, and these exist since Linux 2.6.39.
    timespec now{};
    ::clock_gettime(clock, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

std::chrono::nanoseconds boot_clock_now() {
    return read(CLOCK_BOOTTIME);
}

std::chrono::nanoseconds monotonic_clock_now() {
    return read(CLOCK_MONOTONIC);
}

std::chrono::nanoseconds thread_cpu_time() {
    return read(CLOCK_THREAD_CPUTIME_ID);
}

std::chrono::nanoseconds process_cpu_time() {
    return read(CLOCK_PROCESS_CPUTIME_ID);
}

}  // namespace halfclosed::posix
