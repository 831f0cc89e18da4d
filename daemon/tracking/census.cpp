#include "tracking/census.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "tracking/custody.h"
#include "tracking/tracker.h"

namespace halfclosed::tracking {

namespace {

void add_to(AcceptQueue& sum, const AcceptQueue& queue) {
    sum.waiting += queue.waiting;
    sum.limit += queue.limit;
    sum.fullest = std::max(sum.fullest, queue.fullest);
}

/// tcp_diag_get_info() puts sk_ack_backlog and sk_max_ack_backlog where the queues are.
AcceptQueue queue_of(const SocketRecord& listener) {
    const double room = static_cast<double>(listener.send_queue) + 1;
    return {listener.recv_queue, listener.send_queue,
            std::min(1.0, static_cast<double>(listener.recv_queue) / room)};
}

}  // namespace

void HalfClosedCounts::add(TcpState state) {
    const auto* const found = std::find(kStates.begin(), kStates.end(), state);
    if (found != kStates.end()) {
        ++counts[static_cast<std::size_t>(found - kStates.begin())];
    }
}

std::uint64_t HalfClosedCounts::total() const {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

Census::Census(WatchedPorts watch, std::optional<Instant> asked) : watch_(std::move(watch)) {
    if (asked) {
        watch_.listeners().begin_look(*asked);
    }
}

void Census::add(const SocketRecord& record) {
    if (!all_.insert(record.cookie)) {
        return;
    }
    tally_.add(record);
    if (record.protocol == Protocol::mptcp_subflow) {
        return;
    }
    if (record.state == TcpState::listen) {
        watch_.listeners().see(record);
    }
    const auto watched = watch_.match(record);
    if (!watched) {
        unwatched_.add(record.state);
        return;
    }
    ++watched_;
    counts_.add(*watched, record.state, custody(record));
    switch (record.state) {
        case TcpState::listen:
            add_to(accept_queues_[watched->port], queue_of(record));
            break;
        case TcpState::established:
            established_.insert(record.cookie);
            if (watched->side == Side::server) {
                servers_.insert(record.cookie);
            }
            break;
        case TcpState::time_wait:
            if (time_waits_ < kMostTimeWaits) {
                ++time_waits_;
                followed_.push_back(record);
            }
            break;
        default:
            if (is_followed(record.state)) {
                followed_.push_back(record);
            }
    }
}

WatchedPorts Census::take_watch() {
    watch_.remember_servers(std::move(servers_));
    return std::move(watch_);
}

std::vector<AcceptQueue> Census::accept_queues() const {
    std::vector<AcceptQueue> result(watch_.labels().size());
    for (const auto& [port, queue] : accept_queues_) {
        if (const auto label = watch_.label_of(Side::server, port)) {
            add_to(result[*label], queue);
        }
    }
    return result;
}

}  // namespace halfclosed::tracking
