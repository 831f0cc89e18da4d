#include "posix/heap.h"

#include <malloc.h>

#include <chrono>

#include "posix/clock.h"

namespace halfclosed::posix {

void keep_heap_small() {
    // Less would have each poll of a busy machine map and fault in its vectors anew: a sixth of what the poll costs.
    constexpr int kKept = 4 * 1024 * 1024;
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, kKept);
    mallopt(M_TRIM_THRESHOLD, kKept);
}

void give_back_heap() {
    static std::chrono::nanoseconds last = boot_clock_now();
    const std::chrono::nanoseconds now = boot_clock_now();
    if (now - last >= std::chrono::minutes{1}) {
        last = now;
        malloc_trim(0);
    }
}

}  // namespace halfclosed::posix
