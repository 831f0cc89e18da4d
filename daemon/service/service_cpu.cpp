#include <algorithm>

#include "posix/clock.h"
#include "service/service.h"

namespace halfclosed {

// What the CPU time of the service is for.

using std::chrono::nanoseconds;

/// The publishing that is under way included: what is told as something else now would be taken back later.
nanoseconds Service::publishing_cpu(nanoseconds now) const {
    return published_cpu_ + (publishing_since_ ? now - *publishing_since_ : nanoseconds{0});
}

/// CPU time of this thread that is neither the observer's nor publishing.
nanoseconds Service::other_cpu() const {
    const nanoseconds now = posix::thread_cpu_time();
    return now - observer_.cpu().total() - publishing_cpu(now);
}

/// What is a difference of clocks that are read one after the other may come out some microseconds less than before.
exporters::CpuTimes Service::cpu_times() const {
    const Observer::Cpu& observed = observer_.cpu();
    const nanoseconds recorder = flight_recorder_.cpu();
    const nanoseconds mine = posix::thread_cpu_time();
    const nanoseconds published = publishing_cpu(mine);
    return {observed.poll,
            observed.census,
            observed.owners,
            std::max(published + recorder, told_cpu_.publish),
            std::max(mine - observed.total() - published, told_cpu_.control),
            std::max(posix::process_cpu_time() - mine - recorder, told_cpu_.scrape)};
}

}  // namespace halfclosed
