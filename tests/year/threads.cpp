#include "threads.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "next.h"
#include "world.h"

// Which threads are at work. One that is woken counts from the moment in which it is told to.

namespace {

class Lock {
 public:
    void lock() {
        while (flag_.test_and_set(std::memory_order_acquire)) {
            ::sched_yield();
        }
    }
    void unlock() { flag_.clear(std::memory_order_release); }

 private:
    std::atomic_flag flag_;
};

struct Waiter {
    const void* condition;
    bool woken;
};

std::atomic<int> at_work{0};  ///< of those that pthread_create() made

void leave_work() {
    --at_work;
    at_work.notify_one();
}

thread_local bool counted = false;
Lock waiters_lock;
std::vector<Waiter*>& waiters() {
    static std::vector<Waiter*> all;
    return all;
}

struct Start {
    void* (*function)(void*);
    void* argument;
};

void* begin(void* given) {
    const Start start = *static_cast<Start*>(given);
    delete static_cast<Start*>(given);
    counted = true;
    void* const result = start.function(start.argument);
    counted = false;
    leave_work();
    return result;
}

void wake(const void* condition, bool all) {
    const std::lock_guard guard(waiters_lock);
    for (Waiter* const waiter : waiters()) {
        if (waiter->condition == condition && !waiter->woken) {
            waiter->woken = true;
            ++at_work;
            if (!all) {
                return;
            }
        }
    }
}

/// For as long as it lives the thread waits.
class Idle {
 public:
    Idle() : was_counted_(counted) {
        if (was_counted_) {
            leave_work();
        }
    }
    ~Idle() {
        if (was_counted_) {
            ++at_work;
        }
    }
    Idle(const Idle&) = delete;
    Idle& operator=(const Idle&) = delete;

 private:
    bool was_counted_;
};

}  // namespace

namespace year {

void wait_for_other_threads() {
    for (int working = at_work.load(); working > 0; working = at_work.load()) {
        at_work.wait(working);
    }
}

}  // namespace year

extern "C" {

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*function)(void*),
                   void* argument) noexcept {
    YEAR_REAL(pthread_create);
    if (year::world() == nullptr) {
        return real(thread, attributes, function, argument);
    }
    ++at_work;
    Start* const start = new Start{function, argument};
    const int error = real(thread, attributes, begin, start);
    if (error != 0) {
        leave_work();
        delete start;
    }
    return error;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    // The oldest version is another function.
    static auto* const real =
        year::next<decltype(pthread_cond_wait)>("pthread_cond_wait", "GLIBC_2.3.2");
    if (!counted) {
        return real(condition, mutex);
    }
    Waiter waiter{condition, false};
    {
        const std::lock_guard guard(waiters_lock);
        waiters().push_back(&waiter);
        leave_work();
    }
    const int result = real(condition, mutex);
    const std::lock_guard guard(waiters_lock);
    if (!waiter.woken) {
        ++at_work;
    }
    waiters().erase(std::find(waiters().begin(), waiters().end(), &waiter));
    return result;
}

int pthread_cond_signal(pthread_cond_t* condition) noexcept {
    static auto* const real =
        year::next<decltype(pthread_cond_signal)>("pthread_cond_signal", "GLIBC_2.3.2");
    wake(condition, false);
    return real(condition);
}

int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
    static auto* const real =
        year::next<decltype(pthread_cond_broadcast)>("pthread_cond_broadcast", "GLIBC_2.3.2");
    wake(condition, true);
    return real(condition);
}

int poll(pollfd* descriptors, nfds_t count, int timeout) {
    YEAR_REAL(poll);
    const Idle idle;
    return real(descriptors, count, timeout);
}

int ppoll(pollfd* descriptors, nfds_t count, const timespec* timeout, const sigset_t* signals) {
    YEAR_REAL(ppoll);
    const Idle idle;
    return real(descriptors, count, timeout, signals);
}
}
