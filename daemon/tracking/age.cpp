#include "tracking/age.h"

#include <algorithm>

namespace halfclosed::tracking {

namespace {

using std::chrono::milliseconds;

/// include/net/tcp.h: TCP_TIMEWAIT_LEN.
constexpr milliseconds kTimeWait{60'000};

/// Bounds that are no further apart than this are as good as one.
constexpr milliseconds kClose{20};

Age close_wait_age(const SocketRecord& record, const TcpInfo& info) {
    const bool bounds_meet = info.last_data_received - info.last_ack_received <= kClose;

    // An ACK after the FIN's answers data, or a probe. For data it comes within the retransmission
    // timeout, or the data is sent again: the peer may delay it far beyond the round trip. Probes
    // are not dated at all.
    const auto timeout = std::chrono::ceil<milliseconds>(info.retransmit_timeout);
    const bool data_sent_since = info.last_data_sent <= info.last_ack_received + timeout;
    const bool probed =
        record.timer.kind == Timer::Kind::keepalive || record.timer.kind == Timer::Kind::probe;

    if (bounds_meet || !(data_sent_since || probed)) {
        return {info.last_ack_received, Age::Kind::estimated};
    }
    return {info.last_ack_received, Age::Kind::at_least, info.last_data_received};
}

}  // namespace

const char* name(Age::Kind kind) {
    switch (kind) {
        case Age::Kind::observed:
            return "observed";
        case Age::Kind::estimated:
            return "estimated";
        case Age::Kind::at_least:
            return "at_least";
        case Age::Kind::exact:
            return "exact";
    }
    return "unknown";
}

milliseconds fin_wait2_lifetime(milliseconds fin_timeout) {
    return fin_timeout <= kTimeWait ? fin_timeout : 2 * (fin_timeout - kTimeWait);
}

Age estimate_age(const SocketRecord& record, const std::optional<TcpInfo>& info) {
    if (record.state == TcpState::time_wait) {
        // A late timer shows 0.
        return {std::max(kTimeWait - record.timer.expires, milliseconds{0}), Age::Kind::estimated};
    }
    if (record.state == TcpState::close_wait && info) {
        return close_wait_age(record, *info);
    }
    return {Duration{0}, Age::Kind::at_least};
}

}  // namespace halfclosed::tracking
