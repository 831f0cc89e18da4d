#pragma once

#include <chrono>

namespace halfclosed {

/// Time since boot, suspend included (CLOCK_BOOTTIME). A clock without now(): in the core time is
/// an argument.
struct BootClock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<BootClock>;
    static constexpr bool is_steady = true;
};

using Duration = BootClock::duration;
using Instant = BootClock::time_point;

/// What people and Prometheus read; it may be stepped.
using WallTime = std::chrono::system_clock::time_point;

}  // namespace halfclosed
