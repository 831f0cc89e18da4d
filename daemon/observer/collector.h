#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed {

/// How often a dump was refused, by netlink::Reason's name; all of them, from 0.
using DumpFailures = std::map<std::string, std::uint64_t>;
DumpFailures no_dump_failures();

/// One of the observer's readers: runs it, times it, and tells how it is doing. This is where an error of the kernel
/// edge or of a /proc file ends: it becomes success 0, a count and, where `log` is set and once until it changes, a
/// line in the log.
class Collector {
 public:
    /// `share` bounds the CPU time: a run that took c of it, smoothed over a few, is not made again before c / share.
    /// The first run is a cold one: it makes the second at most twice as late as asked for. `failures` must outlive the
    /// collector.
    Collector(const std::string& name, std::chrono::nanoseconds interval, double share,
              DumpFailures& failures, bool log);

    /// As the constructor's, from the next run on.
    void set_pace(std::chrono::nanoseconds interval, double share);

    void set_share(double share) { set_pace(health_.wanted_interval, share); }

    /// The share of one core that it takes at its interval.
    double rate() const;

    /// Whether this process was given what the collector needs: a privilege, a view of the host. What fails for want of
    /// it is told as such, once, and is no fault.
    void allow(bool allowed) { health_.allowed = allowed; }

    /// Whether `collect` returned without an error.
    bool run(const std::function<void()>& collect);

    /// CPU time that the last run brought about and that it did not take itself: what was made of what it read.
    void charge(std::chrono::nanoseconds cpu);

    /// What the last run took of the CPU, and was charged.
    std::chrono::nanoseconds cpu() const { return cpu_; }

    /// Until the next run, counted from the start of the last one; at least the interval that was asked for.
    std::chrono::nanoseconds interval() const { return health_.interval; }

    const exporters::CollectorHealth& health() const { return health_; }

    /// What went wrong the last time; empty after a success.
    const std::string& error() const { return error_; }

 private:
    void succeed();
    void fail(const std::string& why);
    double smoothed() const;
    void pace();

    /// A cold one, a warm one, and one to smooth with it.
    static constexpr unsigned kEnoughRuns = 3;

    double share_;
    DumpFailures& failures_;
    bool log_;
    exporters::CollectorHealth health_;
    std::string error_;
    bool told_not_allowed_ = false;
    std::chrono::nanoseconds cpu_{0};
    double before_ = 0;  ///< the cost of the runs before the last, in seconds of CPU time, smoothed
    unsigned runs_ = 0;  ///< up to kEnoughRuns
};

}  // namespace halfclosed
