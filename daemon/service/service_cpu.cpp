#include <algorithm>

#include "posix/clock.h"
#include "service/service.h"

namespace halfclosed {

// What the CPU time of the service is for.

using std::chrono::nanoseconds;

/// CPU time of this thread that is neither the observer's nor publishing.
nanoseconds Service::other_cpu() const {
    return posix::thread_cpu_time() - observer_.cpu().total() - published_cpu_;
}

exporters::CpuTimes Service::cpu_times() const {
    const Observer::Cpu& observed = observer_.cpu();
    const nanoseconds mine = posix::thread_cpu_time();
    return {observed.poll,
            observed.census,
            observed.owners,
            published_cpu_ + flight_recorder_.cpu(),
            std::max(other_cpu(), nanoseconds{0}),
            std::max(posix::process_cpu_time() - mine - flight_recorder_.cpu(), nanoseconds{0})};
}

}  // namespace halfclosed
