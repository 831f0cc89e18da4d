#include "observer/collector.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "netlink/error.h"
#include "posix/clock.h"
#include "posix/error.h"

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
    : wanted_interval_(interval), share_(share), failures_(failures), log_(log) {
    health_.name = name;
    health_.interval = interval;
}

void Collector::set_pace(nanoseconds interval, double share) {
    wanted_interval_ = interval;
    share_ = share;
    health_.interval = interval;
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
    pace(posix::thread_cpu_time() - cpu_start);
    return health_.success;
}

void Collector::succeed() {
    if (log_ && !error_.empty() && health_.allowed) {
        spdlog::info("{}: works again", health_.name);
    }
    error_.clear();
    health_.success = true;
    health_.last_success = std::chrono::system_clock::now();
}

void Collector::fail(const std::string& why) {
    if (log_ && error_ != why && health_.allowed) {
        spdlog::error("{}: {}", health_.name, why);
    } else if (log_ && !told_not_allowed_ && !health_.allowed) {
        told_not_allowed_ = true;
        spdlog::info("{}: not allowed here: {}", health_.name, why);
    }
    error_ = why;
    health_.success = false;
}

void Collector::pace(nanoseconds cpu) {
    // One run with cold caches should not slow the next minute down, nor one lucky run speed it up.
    constexpr double kWeight = 0.3;
    const double seconds = std::chrono::duration<double>(cpu).count();
    cpu_seconds_ = cpu_seconds_ == 0 ? seconds : (1 - kWeight) * cpu_seconds_ + kWeight * seconds;
    const std::chrono::duration<double> affordable{cpu_seconds_ / share_};
    health_.interval =
        std::max(wanted_interval_, std::chrono::duration_cast<nanoseconds>(affordable));
}

}  // namespace halfclosed
