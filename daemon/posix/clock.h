#pragma once

#include <chrono>

namespace halfclosed::posix {

/// Time since boot, suspend included (CLOCK_BOOTTIME): never goes back, and goes on while the
/// machine sleeps, as the peer's clock does.
std::chrono::nanoseconds boot_clock_now();

/// Time that the machine has been running, suspend excluded (CLOCK_MONOTONIC): what ages are told
/// in, for the kernel's timers stand still with it.
std::chrono::nanoseconds monotonic_clock_now();

/// CPU time that the calling thread has used so far (CLOCK_THREAD_CPUTIME_ID).
std::chrono::nanoseconds thread_cpu_time();

/// CPU time that all threads of this process have used so far (CLOCK_PROCESS_CPUTIME_ID).
std::chrono::nanoseconds process_cpu_time();

}  // namespace halfclosed::posix
