#include "observer/collector.h"

#include <algorithm>

#include "netlink/error.h"
#include "posix/clock.h"
#include "posix/error.h"
#include "text/log.h"

namespace halfclosed {

using std::chrono::nanoseconds;

DumpFailures no_dump_failures() {
    DumpFailures failures;
    for (const netlink::Reason reason : netlink::kReasons) {
        failures[netlink::name(reason)] = 0;
    }
    return failures;
}

Collector::Collector(const std::string& name, nanoseconds interval, double share,
                     DumpFailures& failures, bool log)
    : share_(share), failures_(failures), log_(log) {
    health_.name = name;
    health_.wanted_interval = interval;
    health_.interval = interval;
}

void Collector::set_pace(nanoseconds interval, double share) {
    health_.wanted_interval = interval;
    share_ = share;
    pace();
}

double Collector::rate() const {
    return smoothed() / std::chrono::duration<double>(health_.interval).count();
}

bool Collector::run(const std::function<void()>& collect) {
    const nanoseconds start = posix::boot_clock_now();
    const nanoseconds cpu_start = posix::thread_cpu_time();
    try {
        collect();
        succeed();
    } catch (const netlink::Error& error) {
        ++failures_[netlink::name(error.reason())];
        fail(error.what());
    } catch (const posix::Error& error) {
        fail(error.what());
    }
    health_.duration = posix::boot_clock_now() - start;
    before_ = smoothed();
    runs_ = std::min(runs_ + 1, kEnoughRuns);
    cpu_ = posix::thread_cpu_time() - cpu_start;
    pace();
    return health_.success;
}

void Collector::charge(nanoseconds cpu) {
    cpu_ += cpu;
    pace();
}

void Collector::succeed() {
    if (log_ && !error_.empty() && health_.allowed) {
        log::info("{}: works again", health_.name);
    }
    error_.clear();
    health_.success = true;
    health_.last_success = std::chrono::system_clock::now();
}

void Collector::fail(const std::string& why) {
    if (log_ && error_ != why && health_.allowed) {
        log::error("{}: {}", health_.name, why);
    } else if (log_ && !told_not_allowed_ && !health_.allowed) {
        told_not_allowed_ = true;
        log::info("{}: not allowed here: {}", health_.name, why);
    }
    error_ = why;
    health_.success = false;
}

double Collector::smoothed() const {
    // One run with cold caches should not slow the next minute down, nor one lucky run speed it up.
    constexpr double kWeight = 0.3;
    const double last = std::chrono::duration<double>(cpu_).count();
    if (runs_ < kEnoughRuns) {
        return runs_ == 0 ? 0 : last;  // the first, or the first that is warm
    }
    return (1 - kWeight) * before_ + kWeight * last;
}

void Collector::pace() {
    const nanoseconds wanted = health_.wanted_interval;
    const std::chrono::duration<double> affordable{smoothed() / share_};
    health_.interval = std::max(wanted, std::chrono::duration_cast<nanoseconds>(affordable));
    if (runs_ == 1) {
        health_.interval = std::min(health_.interval, 2 * wanted);
    }
}

}  // namespace halfclosed
