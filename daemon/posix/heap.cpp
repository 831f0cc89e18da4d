#include "posix/heap.h"

#include <malloc.h>

#include <chrono>

#include "posix/clock.h"

namespace halfclosed::posix {

void keep_heap_small() {
    // The vectors of a poll are above it from some 2,000 sockets on, and are mapped anew each time: at 5,000 and at 15,000
    // sockets that takes no CPU time that could be measured, and 2 to 3 MiB less than keeping them.
    constexpr int kKept = 512 * 1024;
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, kKept);
    mallopt(M_TRIM_THRESHOLD, kKept);
}

void give_back_heap() {
    static std::chrono::nanoseconds last = boot_clock_now();
    const std::chrono::nanoseconds now = boot_clock_now();
    if (now - last >= std::chrono::seconds{10}) {
        last = now;
        malloc_trim(0);
    }
}

}  // namespace halfclosed::posix
