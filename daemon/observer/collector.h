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
    /// `share` bounds the CPU time: a run that took c of it is not made again before c / share. `failures` must
    /// outlive the collector.
    Collector(const std::string& name, std::chrono::nanoseconds interval, double share,
              DumpFailures& failures, bool log);

    /// As the constructor's, from the next run on.
    void set_pace(std::chrono::nanoseconds interval, double share);

    /// Whether this process was given what the collector needs: a privilege, a view of the host. What fails for want of
    /// it is told as such, once, and is no fault.
    void allow(bool allowed) { health_.allowed = allowed; }

    /// Whether `collect` returned without an error.
    bool run(const std::function<void()>& collect);

    /// Until the next run, counted from the start of the last one; at least the interval that was asked for.
    std::chrono::nanoseconds interval() const { return health_.interval; }

    const exporters::CollectorHealth& health() const { return health_; }

    /// What went wrong the last time; empty after a success.
    const std::string& error() const { return error_; }

 private:
    void succeed();
    void fail(const std::string& why);
    void pace(std::chrono::nanoseconds cpu);

    std::chrono::nanoseconds wanted_interval_;
    double share_;
    DumpFailures& failures_;
    bool log_;
    exporters::CollectorHealth health_;
    std::string error_;
    bool told_not_allowed_ = false;
    double cpu_seconds_ = 0;  ///< a run's cost, smoothed
};

}  // namespace halfclosed
