#include <utility>

#include "exporters/metrics/metric_families.h"
#include "exporters/metrics/metric_samples.h"
#include "exporters/metrics/observer_metric_definition.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

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

void add_reconciliation(const Census& census, Families& families) {
    MetricSamples counted(metric::kReconciliationCounted);
    MetricSamples expected(metric::kReconciliationExpected);
    MetricSamples agrees(metric::kReconciliationAgrees);
    for (const tracking::Count count : tracking::kCounts) {
        if (census.reconciliation) {
            const tracking::Reconciled& reconciled = (*census.reconciliation)[count];
            counted.add({name(count)}, static_cast<double>(reconciled.counted));
            agrees.add({name(count)}, reconciled.agrees ? 1 : 0);
        }
    }
    if (census.conservation) {
        counted.add({"conservation"}, static_cast<double>(census.conservation->counted));
        expected.add({"conservation"}, static_cast<double>(census.conservation->expected));
        agrees.add({"conservation"}, census.conservation->agrees ? 1 : 0);
    }
    families.push_back(std::move(counted).take());
    families.push_back(std::move(expected).take());
    families.push_back(std::move(agrees).take());
}

prometheus::MetricFamily limits(const TcpSysctls& sysctls) {
    MetricSamples samples(metric::kKernelLimit);
    if (sysctls.max_orphans) {
        samples.add({"tcp_max_orphans"}, static_cast<double>(*sysctls.max_orphans));
    }
    if (sysctls.max_tw_buckets) {
        samples.add({"tcp_max_tw_buckets"}, static_cast<double>(*sysctls.max_tw_buckets));
    }
    return std::move(samples).take();
}

prometheus::MetricFamily events(const TcpEventCounts& counters) {
    MetricSamples samples(metric::kKernelEvents);
    for (const TcpEvent& event : kTcpEvents) {
        const auto found = counters.find(event.name);
        if (found != counters.end()) {
            samples.add({event.name}, static_cast<double>(found->second));
        }
    }
    return std::move(samples).take();
}

prometheus::MetricFamily network_namespaces(const Namespaces& spaces) {
    MetricSamples samples(metric::kNetworkNamespaces);
    samples.add({"watched"}, static_cast<double>(spaces.watched.size()));
    samples.add({"unreadable"}, static_cast<double>(spaces.unreadable));
    if (spaces.all || spaces.not_watched) {  // else nobody could look
        samples.add({"not_watched"}, static_cast<double>(spaces.not_watched.value_or(0)));
    }
    return std::move(samples).take();
}

}  // namespace

void add_kernel_families(const Snapshot& snapshot, bool fresh, Families& families) {
    const KernelFacts& kernel = snapshot.kernel;
    if (fresh && kernel.sockstat) {
        families.push_back(sockstat(*kernel.sockstat));
    }
    if (fresh && snapshot.census) {
        add_reconciliation(*snapshot.census, families);
    }
    if (fresh) {
        families.push_back(network_namespaces(snapshot.namespaces));
        families.push_back(limits(kernel.sysctls));
    }
    if (fresh && kernel.sysctls.fin_timeout) {
        MetricSamples fin_timeout(metric::kKernelFinTimeout);
        fin_timeout.add({}, text::seconds(*kernel.sysctls.fin_timeout));
        families.push_back(std::move(fin_timeout).take());
    }
    // Counters are true of the moment they were read, however long ago.
    if (kernel.events) {
        families.push_back(events(*kernel.events));
    }
}

}  // namespace halfclosed::exporters
