#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "next.h"
#include "threads.h"
#include "world.h"

// The event loop's waiting: instead of waiting for the next timer, time jumps to it.

namespace {

constexpr int kMostDescriptors = 1'024;

struct Timer {
    bool used = false;
    clockid_t clock = CLOCK_BOOTTIME;
    year::Time due = year::kNever;  ///< on its clock
};

std::array<Timer, kMostDescriptors> timers;

year::Time time_of(const timespec& time) {
    return time.tv_sec * year::kSecond + time.tv_nsec;
}

year::Time now_on(clockid_t clock, const year::World& world_) {
    auto& world = const_cast<year::World&>(world_);
    switch (clock) {
        case CLOCK_REALTIME:
            return world.clock().wall();
        case CLOCK_MONOTONIC:
            return world.clock().monotonic();
        default:
            return world.clock().boot();
    }
}

/// On the boot clock.
year::Time next_due(const year::World& world) {
    year::Time next = year::kNever;
    for (const Timer& timer : timers) {
        if (timer.used && timer.due != year::kNever) {
            const year::Time boot = now_on(CLOCK_BOOTTIME, world);
            next = std::min(next,
                            boot + std::max<year::Time>(timer.due - now_on(timer.clock, world), 0));
        }
    }
    return next;
}

/// Those that are due are made to fire for real.
void fire(const year::World& world) {
    static auto* const real = year::next<decltype(timerfd_settime)>("timerfd_settime");
    for (std::size_t number = 0; number < timers.size(); ++number) {
        Timer& timer = timers[number];
        if (timer.used && timer.due <= now_on(timer.clock, world)) {
            timer.due = year::kNever;
            const itimerspec at_once{{0, 0}, {0, 1}};
            real(static_cast<int>(number), 0, &at_once, nullptr);
        }
    }
}

bool is_main_thread() {
    static const pid_t process = ::getpid();
    thread_local const bool result = ::syscall(SYS_gettid) == process;
    return result;
}

/// Sleeps for as little as a kernel can, so that orders are seen soon.
constexpr int kMilliseconds = 2;

int wait(int epoll, epoll_event* events, int most, int timeout) {
    static auto* const real = year::next<decltype(epoll_wait)>("epoll_wait");
    year::World* const world = year::world();
    if (world == nullptr || !is_main_thread() || timeout >= 0) {
        return real(epoll, events, most, timeout);
    }
    while (true) {
        if (const int ready = real(epoll, events, most, 0); ready != 0) {
            return ready;
        }
        year::wait_for_other_threads();
        if (world->stopped()) {
            world->obey();
            if (world->stopped()) {
                if (const int ready = real(epoll, events, most, kMilliseconds); ready != 0) {
                    return ready;
                }
            }
            continue;
        }
        if (world->go_on(next_due(*world))) {
            fire(*world);
            if (const int ready = real(epoll, events, most, -1); ready != 0) {
                return ready;
            }
        }
    }
}

}  // namespace

extern "C" {

int timerfd_create(clockid_t clock, int flags) noexcept {
    YEAR_REAL(timerfd_create);
    const int made = real(clock, flags);
    if (year::world() != nullptr && made >= 0 && made < kMostDescriptors) {
        timers[static_cast<std::size_t>(made)] = {true, clock, year::kNever};
    }
    return made;
}

int timerfd_settime(int descriptor, int flags, const itimerspec* value,
                    itimerspec* before) noexcept {
    YEAR_REAL(timerfd_settime);
    year::World* const world = year::world();
    if (world == nullptr || descriptor < 0 || descriptor >= kMostDescriptors ||
        !timers[static_cast<std::size_t>(descriptor)].used) {
        return real(descriptor, flags, value, before);
    }
    Timer& timer = timers[static_cast<std::size_t>(descriptor)];
    const year::Time time = time_of(value->it_value);
    const bool absolute = (flags & TFD_TIMER_ABSTIME) != 0;
    timer.due = time == 0 ? year::kNever : absolute ? time : now_on(timer.clock, *world) + time;
    const itimerspec none{};
    return real(descriptor, 0, &none, nullptr);
}

int epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
    return wait(epoll, events, most, timeout);
}

int epoll_pwait2(int epoll, epoll_event* events, int most, const timespec* timeout,
                 const sigset_t* signals) {
    YEAR_REAL(epoll_pwait2);
    if (timeout == nullptr && signals == nullptr) {
        return wait(epoll, events, most, -1);
    }
    return real(epoll, events, most, timeout, signals);
}
}
