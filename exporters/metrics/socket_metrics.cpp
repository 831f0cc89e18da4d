#include <algorithm>

#include "exporters/metrics/metric_families.h"
#include "exporters/metrics/metric_samples.h"
#include "exporters/snapshot/leaks.h"

namespace halfclosed::exporters {

namespace {

using tracking::Custody;
using tracking::Side;

bool possible(const tracking::Kind& kind) {
    const std::vector<tracking::Kind>& kinds = tracking::possible_kinds();
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

prometheus::MetricFamily sockets(const Report& report) {
    MetricSamples samples(metric::kSockets);
    for (std::size_t label = 0; label < report.port_labels.size(); ++label) {
        for (const Side side : tracking::kSides) {
            for (std::size_t number = 0; number < tracking::Population::kStates; ++number) {
                const auto state = static_cast<TcpState>(number);
                // The closing poll sees the half-closed states more often than the census does.
                const tracking::Population* population =
                    kHalfClosedStates.contains(state)
                        ? (report.closing ? &*report.closing : nullptr)
                        : (report.census ? &report.census->population : nullptr);
                if (population == nullptr) {
                    continue;
                }
                for (const Custody custody : tracking::kCustodies) {
                    const std::uint64_t count = population->count(label, side, state, custody);
                    if (count > 0 || possible({side, state, custody})) {
                        samples.add(
                            {report.port_labels[label], name(side), name(state), name(custody)},
                            static_cast<double>(count));
                    }
                }
            }
        }
    }
    return std::move(samples).take();
}

prometheus::MetricFamily oldest_ages(const Report& report) {
    std::map<tracking::Ledger::StateKey, Duration> oldest;
    for (std::size_t label = 0; label < report.port_labels.size(); ++label) {
        for (const Side side : tracking::kSides) {
            for (const TcpState state :
                 {TcpState::fin_wait1, TcpState::fin_wait2, TcpState::close_wait,
                  TcpState::last_ack, TcpState::closing}) {
                oldest[{label, side, state}] = Duration{0};
            }
        }
    }
    for (const tracking::TrackedSocket& socket : report.sockets) {
        const auto found =
            oldest.find({socket.watched.label, socket.watched.side, socket.record.state});
        if (found != oldest.end()) {
            found->second = std::max(found->second, socket.age(report.instant).value);
        }
    }
    MetricSamples samples(metric::kOldestSocketAge);
    for (const auto& [key, age] : oldest) {
        const auto& [label, side, state] = key;
        samples.add({report.port_labels[label], name(side), name(state)}, seconds(age));
    }
    return std::move(samples).take();
}

prometheus::MetricFamily leaked_sockets(const Report& report) {
    MetricSamples samples(metric::kLeakedSockets);
    for (const LeakCount& leak : leak_counts(report)) {
        samples.add({report.port_labels[leak.label], name(leak.side), name(leak.cause), leak.owner},
                    static_cast<double>(leak.sockets));
    }
    return std::move(samples).take();
}

void add_accept_queues(const Report& report, Families& families) {
    MetricSamples waiting(metric::kAcceptQueueSockets);
    MetricSamples limit(metric::kAcceptQueueLimit);
    const std::vector<tracking::AcceptQueue>& queues = report.census->accept_queues;
    for (std::size_t label = 0; label < report.port_labels.size() && label < queues.size();
         ++label) {
        waiting.add({report.port_labels[label]}, static_cast<double>(queues[label].waiting));
        limit.add({report.port_labels[label]}, static_cast<double>(queues[label].limit));
    }
    families.push_back(std::move(waiting).take());
    families.push_back(std::move(limit).take());
}

}  // namespace

void add_socket_families(const Report& report, bool fresh, Families& families) {
    if (!fresh) {
        return;
    }
    families.push_back(sockets(report));
    if (report.closing) {
        families.push_back(oldest_ages(report));
        families.push_back(leaked_sockets(report));
    }
    if (report.census) {
        add_accept_queues(report, families);
    }
}

}  // namespace halfclosed::exporters
