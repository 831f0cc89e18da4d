#include "tracking/dating.h"

#include <algorithm>

namespace halfclosed::tracking {

Dating dated_between(const SocketRecord& record, Instant before, Instant look,
                     std::chrono::milliseconds fin_timeout) {
    const bool long_ago = look - before > kLongestPause;
    if (!is_minisock(record)) {
        return long_ago ? Dating{look, Age::Kind::at_least, before}
                        : Dating{look, Age::Kind::observed, std::nullopt};
    }
    if (record.state == TcpState::time_wait) {
        const Instant since = look - estimate_age(record, std::nullopt).value;
        return {std::clamp(since, before, look), Age::Kind::observed, std::nullopt};
    }
    if (long_ago) {
        return {look, Age::Kind::at_least, before};
    }
    const Instant since = look - (fin_wait2_lifetime(fin_timeout) - record.timer.expires);
    return {std::clamp(since, before, look), Age::Kind::observed, std::nullopt};
}

Dating dated_by_kernel(const SocketRecord& record, Instant look) {
    const Age age = estimate_age(record, std::nullopt);
    return {look - age.value, age.kind, std::nullopt};
}

void set(TrackedSocket& socket, const Dating& dating) {
    socket.since = dating.since;
    socket.dated = dating.kind;
    socket.not_before = dating.not_before;
}

void date_back(TrackedSocket& socket, const Age& age, Instant now) {
    socket.since = std::min(socket.since, now - age.value);
    socket.dated = age.kind;
    if (age.at_most) {
        const Instant earliest = std::min(socket.since, now - *age.at_most);
        socket.not_before = std::max(socket.not_before.value_or(earliest), earliest);
    }
}

std::optional<Duration> time_held(const TrackedSocket& socket, Instant end) {
    if (socket.dated == Age::Kind::at_least) {
        return std::nullopt;
    }
    return std::max(end - socket.since, Duration{0});
}

}  // namespace halfclosed::tracking
