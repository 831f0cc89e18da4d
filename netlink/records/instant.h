#pragma once

#include <chrono>

namespace halfclosed {

/// Time that the machine has been running, without the time that it was suspended (CLOCK_MONOTONIC):
/// the kernel's timers, and its times since the last data or ACK, stand still in suspend too. A clock
/// without now(): in the core time is an argument.
struct MonotonicClock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonotonicClock>;
    static constexpr bool is_steady = true;
};

using Duration = MonotonicClock::duration;
using Instant = MonotonicClock::time_point;

/// What people and Prometheus read; it may be stepped.
using WallTime = std::chrono::system_clock::time_point;

}  // namespace halfclosed
