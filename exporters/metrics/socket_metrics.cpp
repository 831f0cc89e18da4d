#include <algorithm>

#include "exporters/metrics/metric_families.h"
#include "exporters/metrics/metric_samples.h"
#include "exporters/snapshot/leaks.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

using tracking::Custody;
using tracking::Side;

bool possible(const tracking::SocketKind& kind) {
    const std::vector<tracking::SocketKind>& kinds = tracking::possible_kinds();
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

prometheus::MetricFamily sockets(const Snapshot& snapshot) {
    MetricSamples samples(metric::kSockets);
    for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
        for (const Side side : tracking::kSides) {
            for (std::size_t number = 0; number < tracking::SocketCounts::kStates; ++number) {
                const auto state = static_cast<TcpState>(number);
                // The closing poll sees the half-closed states more often than the census does.
                const tracking::SocketCounts* socket_counts =
                    kHalfClosedStates.contains(state)
                        ? (snapshot.closing ? &*snapshot.closing : nullptr)
                        : (snapshot.census ? &snapshot.census->socket_counts : nullptr);
                if (socket_counts == nullptr) {
                    continue;
                }
                for (const Custody custody : tracking::kCustodies) {
                    const std::uint64_t count = socket_counts->count(label, side, state, custody);
                    if (count > 0 ||
                        (snapshot.has_side(label, side) && possible({side, state, custody}))) {
                        samples.add(
                            {snapshot.port_labels[label], name(side), name(state), name(custody)},
                            static_cast<double>(count));
                    }
                }
            }
        }
    }
    return std::move(samples).take();
}

prometheus::MetricFamily oldest_ages(const Snapshot& snapshot) {
    std::map<tracking::EventCounters::StateKey, Duration> oldest;
    for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
        for (const Side side : tracking::kSides) {
            if (!snapshot.has_side(label, side)) {
                continue;
            }
            for (const TcpState state :
                 {TcpState::fin_wait1, TcpState::fin_wait2, TcpState::close_wait,
                  TcpState::last_ack, TcpState::closing}) {
                oldest[{label, side, state}] = Duration{0};
            }
        }
    }
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        const auto found =
            oldest.find({socket.watched.label, socket.watched.side, socket.record.state});
        if (found != oldest.end()) {
            found->second = std::max(found->second, socket.age(snapshot.instant).value);
        }
    }
    for (const auto& [key, age] : snapshot.without_detail.oldest) {
        Duration& known = oldest[key];
        known = std::max(known, age);
    }
    MetricSamples samples(metric::kOldestSocketAge);
    for (const auto& [key, age] : oldest) {
        const auto& [label, side, state] = key;
        samples.add({snapshot.port_labels[label], name(side), name(state)}, text::seconds(age));
    }
    return std::move(samples).take();
}

prometheus::MetricFamily leaked_sockets(const Snapshot& snapshot) {
    MetricSamples samples(metric::kLeakedSockets);
    for (const LeakCount& leak : leak_counts(snapshot)) {
        samples.add(
            {snapshot.port_labels[leak.label], name(leak.side), name(leak.cause), leak.owner},
            static_cast<double>(leak.sockets));
    }
    return std::move(samples).take();
}

prometheus::MetricFamily dead_sockets(const Snapshot& snapshot) {
    MetricSamples samples(metric::kDeadSockets);
    for (const DeadCount& dead : dead_counts(snapshot)) {
        samples.add({snapshot.port_labels[dead.label], name(dead.side), dead.owner},
                    static_cast<double>(dead.sockets));
    }
    return std::move(samples).take();
}

void add_accept_queues(const Snapshot& snapshot, Families& families) {
    MetricSamples waiting(metric::kAcceptQueueSockets);
    MetricSamples limit(metric::kAcceptQueueLimit);
    MetricSamples fullest(metric::kAcceptQueueFullest);
    const std::vector<tracking::AcceptQueue>& queues = snapshot.census->accept_queues;
    for (std::size_t label = 0; label < snapshot.port_labels.size() && label < queues.size();
         ++label) {
        if (!snapshot.has_side(label, Side::server)) {
            continue;
        }
        waiting.add({snapshot.port_labels[label]}, static_cast<double>(queues[label].waiting));
        limit.add({snapshot.port_labels[label]}, static_cast<double>(queues[label].limit));
        fullest.add({snapshot.port_labels[label]}, queues[label].fullest);
    }
    families.push_back(std::move(waiting).take());
    families.push_back(std::move(limit).take());
    families.push_back(std::move(fullest).take());
}

prometheus::MetricFamily unwatched(const tracking::HalfClosedCounts& sockets) {
    MetricSamples samples(metric::kUnwatchedSockets);
    for (std::size_t i = 0; i < sockets.counts.size(); ++i) {
        samples.add({name(tracking::HalfClosedCounts::kStates[i])},
                    static_cast<double>(sockets.counts[i]));
    }
    return std::move(samples).take();
}

}  // namespace

void add_socket_families(const Snapshot& snapshot, bool fresh, Families& families) {
    if (!fresh) {
        return;
    }
    families.push_back(sockets(snapshot));
    if (snapshot.closing) {
        MetricSamples without_detail(metric::kSocketsWithoutDetail);
        without_detail.add({}, static_cast<double>(snapshot.without_detail.sockets));
        families.push_back(std::move(without_detail).take());
        families.push_back(oldest_ages(snapshot));
        families.push_back(leaked_sockets(snapshot));
        families.push_back(dead_sockets(snapshot));
        add_owner_families(snapshot, families);
    }
    if (snapshot.census) {
        add_accept_queues(snapshot, families);
        families.push_back(unwatched(snapshot.census->unwatched));
    }
}

}  // namespace halfclosed::exporters
