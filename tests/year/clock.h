#pragma once

#include <atomic>

#include "connection.h"

namespace year {

/// The virtual clocks. They stand still, but for the moments in which the one thread that drives them sets them; any
/// thread may read them.
class Clock {
 public:
    Time monotonic() const { return monotonic_.load(std::memory_order_relaxed); }
    Time boot() const { return monotonic() + suspended(); }
    Time wall() const { return monotonic() + wall_.load(std::memory_order_relaxed); }
    Time suspended() const { return suspended_.load(std::memory_order_relaxed); }

    void set(Time monotonic) { monotonic_.store(monotonic, std::memory_order_relaxed); }
    /// The machine sleeps: CLOCK_MONOTONIC stands still, the others go on.
    void suspend(Time duration) {
        suspended_.store(suspended() + duration, std::memory_order_relaxed);
        step_wall(duration);
    }
    /// Somebody sets the wall clock.
    void step_wall(Time by) {
        wall_.store(wall_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }

 private:
    static constexpr Time kEpoch = 1'767'225'600 * kSecond;  // 2026-01-01T00:00:00Z

    std::atomic<Time> monotonic_{kHour};
    std::atomic<Time> suspended_{0};
    std::atomic<Time> wall_{kEpoch};
};

}  // namespace year
