#include <utility>

#include "exporters/metrics/metric_families.h"
#include "exporters/metrics/metric_samples.h"

namespace halfclosed::exporters {

namespace {

/// The kernel has some 150 of these; the page has the ones that tell how connections end.
constexpr const char* kEvents[] = {
    "TCPAbortOnData",
    "TCPAbortOnClose",
    "TCPAbortOnTimeout",
    "TCPAbortOnMemory",
    "TCPTimeWaitOverflow",
    "TW",
    "TWKilled",
    "OutRsts",
    "EstabResets",
};

prometheus::MetricFamily sockstat(const Sockstat& kernel) {
    MetricSamples samples(metric::kSockstat);
    samples.add({"inuse"}, static_cast<double>(kernel.inuse));
    if (kernel.inuse6) {
        samples.add({"inuse6"}, static_cast<double>(*kernel.inuse6));
    }
    samples.add({"orphan"}, static_cast<double>(kernel.orphan));
    samples.add({"tw"}, static_cast<double>(kernel.tw));
    samples.add({"alloc"}, static_cast<double>(kernel.alloc));
    samples.add({"mem_pages"}, static_cast<double>(kernel.mem_pages));
    return std::move(samples).take();
}

void add_reconciliation(const tracking::Reconciliation& reconciliation, Families& families) {
    MetricSamples counted(metric::kReconciliationCounted);
    MetricSamples agrees(metric::kReconciliationAgrees);
    for (const auto& [field, value] :
         {std::pair{"inuse", reconciliation.inuse}, std::pair{"inuse6", reconciliation.inuse6},
          std::pair{"orphan", reconciliation.orphan}, std::pair{"tw", reconciliation.tw}}) {
        counted.add({field}, static_cast<double>(value.counted));
        agrees.add({field}, value.agrees ? 1 : 0);
    }
    families.push_back(std::move(counted).take());
    families.push_back(std::move(agrees).take());
}

prometheus::MetricFamily limits(const KernelFacts& kernel) {
    MetricSamples samples(metric::kKernelLimit);
    if (kernel.tcp_max_orphans) {
        samples.add({"tcp_max_orphans"}, static_cast<double>(*kernel.tcp_max_orphans));
    }
    if (kernel.tcp_max_tw_buckets) {
        samples.add({"tcp_max_tw_buckets"}, static_cast<double>(*kernel.tcp_max_tw_buckets));
    }
    return std::move(samples).take();
}

prometheus::MetricFamily events(const std::map<std::string, std::uint64_t>& counters) {
    MetricSamples samples(metric::kKernelEvents);
    for (const char* event : kEvents) {
        const auto found = counters.find(event);
        if (found != counters.end()) {
            samples.add({event}, static_cast<double>(found->second));
        }
    }
    return std::move(samples).take();
}

}  // namespace

void add_kernel_families(const Snapshot& snapshot, bool fresh, Families& families) {
    const KernelFacts& kernel = snapshot.kernel;
    if (fresh && kernel.sockstat) {
        families.push_back(sockstat(*kernel.sockstat));
    }
    if (fresh && snapshot.census && snapshot.census->reconciliation) {
        add_reconciliation(*snapshot.census->reconciliation, families);
    }
    if (fresh) {
        families.push_back(limits(kernel));
    }
    if (fresh && kernel.tcp_fin_timeout) {
        MetricSamples fin_timeout(metric::kKernelFinTimeout);
        fin_timeout.add({}, seconds(*kernel.tcp_fin_timeout));
        families.push_back(std::move(fin_timeout).take());
    }
    // Counters are true of the moment they were read, however long ago.
    if (kernel.events) {
        families.push_back(events(*kernel.events));
    }
}

}  // namespace halfclosed::exporters
