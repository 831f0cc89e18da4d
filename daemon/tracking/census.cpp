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

void HalfClosedCounts::add(const HalfClosedCounts& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
        counts[i] += other.counts[i];
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
    has_mptcp_ = has_mptcp_ || record.protocol != Protocol::tcp;
    if (record.protocol == Protocol::mptcp_subflow) {
        return;
    }
    if (record.state == TcpState::listen) {
        watch_.listeners().see(record);
    }
    const auto watched = watch_.match(record);
    if (!watched) {
        counts_.unwatched.add(record.state);
        return;
    }
    ++watched_;
    counts_.watched.add(*watched, record.state, custody(record));
    Conservation::count(conserved_, record, *watched);
    switch (record.state) {
        case TcpState::listen:
            add_to(counts_.accept_queues[watched->port], queue_of(record));
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

CensusCounts Census::totals() const {
    CensusCounts counts = counts_;
    counts.all = tally_.counts();
    return counts;
}

void CensusCounts::add(const CensusCounts& other) {
    watched.add(other.watched);
    for (const auto& [port, queue] : other.accept_queues) {
        add_to(accept_queues[port], queue);
    }
    unwatched.add(other.unwatched);
    for (const Count count : kCounts) {
        all[count] += other.all[count];
    }
}

std::vector<AcceptQueue> CensusCounts::accept_queues_by_label(const WatchedPorts& watch) const {
    std::vector<AcceptQueue> result(watch.labels().size());
    for (const auto& [port, queue] : accept_queues) {
        if (const auto label = watch.label_of(Side::server, port)) {
            add_to(result[*label], queue);
        }
    }
    return result;
}

}  // namespace halfclosed::tracking
