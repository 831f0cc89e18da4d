#include "tracking/census.h"

#include "tracking/custody.h"
#include "tracking/tracker.h"

namespace halfclosed::tracking {

Census::Census(const WatchedPorts& watch)
    : watch_(watch), socket_counts_(watch.labels().size()), accept_queues_(watch.labels().size()) {
}

void Census::add(const SocketRecord& record) {
    if (!all_.insert(record.cookie)) {
        return;
    }
    tally_.add(record);
    const auto watched = watch_.match(record);
    if (!watched) {
        return;
    }
    socket_counts_.add(*watched, record.state, custody(record));
    switch (record.state) {
        case TcpState::listen:
            // tcp_diag_get_info() puts sk_ack_backlog and sk_max_ack_backlog where the queues are.
            accept_queues_[watched->label].waiting += record.recv_queue;
            accept_queues_[watched->label].limit += record.send_queue;
            break;
        case TcpState::established:
            established_.insert(record.cookie);
            break;
        default:
            if (is_followed(record.state)) {
                followed_.push_back(record);
            }
    }
}

}  // namespace halfclosed::tracking
