#include "exact/untold_steps.h"

#include <netinet/tcp.h>

namespace halfclosed::exact {

exact_counters steps_into_time_wait(const exact_socket& last_seen) {
    exact_counters steps{};
    if (last_seen.state == TCP_CLOSING) {
        steps.values[EXACT_CLOSING_TIME_WAIT] = 1;
    } else if (last_seen.state != EXACT_OVER) {
        steps.values[EXACT_FIN_WAIT1_FIN_WAIT2] = last_seen.state == TCP_FIN_WAIT1 ? 1 : 0;
        steps.values[EXACT_FIN_WAIT2_TIME_WAIT] = 1;
    }
    return steps;
}

exact_counters steps_to_the_end(const exact_socket& last_seen, Instant now,
                                std::chrono::nanoseconds tick) {
    exact_counters steps{};
    if (last_seen.state == TCP_LAST_ACK) {
        steps.values[EXACT_LAST_ACK_CLOSE] = 1;
    } else if (last_seen.state == TCP_FIN_WAIT2 && last_seen.minisock == TCP_FIN_WAIT2 &&
               last_seen.minisock_at != 0 && tick.count() != 0) {
        const Instant made{std::chrono::nanoseconds{last_seen.minisock_at}};
        if (now >= made + last_seen.minisock_ticks * tick) {
            steps.values[EXACT_FIN_WAIT2_CLOSE] = 1;
            steps.values[EXACT_FIN_WAIT2_EXPIRED] = 1;
        }
    }
    return steps;
}

}  // namespace halfclosed::exact
