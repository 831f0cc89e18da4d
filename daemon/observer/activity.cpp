#include "observer/activity.h"

#include "host/sockstat.h"

namespace halfclosed {

namespace {

/// Gets of so many sockets are dearer than a walk of a table with a few thousand.
constexpr std::size_t kMostGets = 256;

/// Sockets can also be put where they are (TCP_REPAIR of a restored process), which no segment tells.
bool came(const Sockstat& before, const Sockstat& now) {
    return now.inuse > before.inuse || now.inuse6 > before.inuse6 || now.tw > before.tw;
}

}  // namespace

bool Activity::has_sockets() const {
    return sockstat.inuse + sockstat.inuse6.value_or(0) + sockstat.tw > 0;
}

Activity read_activity() {
    // The sockets first: those that come between the two bring segments with them.
    const Sockstat sockstat = host::read_sockstat();
    const host::TcpCounts counts = host::read_tcp_counts();
    return {sockstat, counts.segments, counts.estab_resets};
}

bool needs_walk(const std::optional<Activity>& before, const Activity& now, std::size_t followed) {
    if (followed == 0 && !now.has_sockets()) {
        return false;
    }
    return !before || before->segments != now.segments || came(before->sockstat, now.sockstat) ||
           followed > kMostGets;
}

bool without_traffic(const std::optional<Activity>& before, const Activity& now) {
    return before && before->segments.received == now.segments.received &&
           before->segments.sent == now.segments.sent;
}

bool same_census(const std::optional<Activity>& before, const Activity& now) {
    return before && before->segments == now.segments &&
           before->sockstat.inuse == now.sockstat.inuse &&
           before->sockstat.inuse6 == now.sockstat.inuse6 && before->sockstat.tw == now.sockstat.tw;
}

}  // namespace halfclosed
