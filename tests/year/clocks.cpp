#include <sys/time.h>
#include <time.h>

#include "next.h"
#include "world.h"

// The clocks that the program reads.

namespace {

timespec timespec_of(year::Time time) {
    return {static_cast<time_t>(time / year::kSecond), static_cast<long>(time % year::kSecond)};
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    YEAR_REAL(clock_gettime);
    year::World* const world = year::world();
    if (world == nullptr) {
        return real(clock, now);
    }
    switch (clock) {
        case CLOCK_MONOTONIC:
        case CLOCK_MONOTONIC_RAW:
        case CLOCK_MONOTONIC_COARSE:
            *now = timespec_of(world->clock().monotonic());
            return 0;
        case CLOCK_BOOTTIME:
            *now = timespec_of(world->clock().boot());
            return 0;
        case CLOCK_REALTIME:
        case CLOCK_REALTIME_COARSE:
            *now = timespec_of(world->clock().wall());
            return 0;
        default:
            return real(clock, now);
    }
}

time_t time(time_t* where) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (where != nullptr) {
        *where = now.tv_sec;
    }
    return now.tv_sec;
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    *time = {now.tv_sec, now.tv_nsec / 1'000};
    return 0;
}
}
