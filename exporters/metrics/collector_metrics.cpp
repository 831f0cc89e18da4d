#include "exporters/metrics/metric_families.h"
#include "exporters/metrics/metric_samples.h"
#include "exporters/metrics/observer_metric_definition.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

void add_history_families(const HistoryHealth& history, Families& families) {
    MetricSamples sockets(metric::kHistorySockets);
    sockets.add({"recorded"}, static_cast<double>(history.recorded));
    sockets.add({"left_out"}, static_cast<double>(history.left_out));
    families.push_back(std::move(sockets).take());
    MetricSamples failures(metric::kHistoryWriteFailures);
    failures.add({}, static_cast<double>(history.failures));
    families.push_back(std::move(failures).take());
    MetricSamples size(metric::kHistorySize);
    size.add({}, static_cast<double>(history.bytes));
    families.push_back(std::move(size).take());
}

}  // namespace

void add_observer_families(const Snapshot& snapshot, bool fresh, Families& families) {
    MetricSamples success(metric::kCollectorSuccess);
    MetricSamples allowed(metric::kCollectorAllowed);
    MetricSamples duration(metric::kCollectorDuration);
    MetricSamples interval(metric::kCollectorInterval);
    MetricSamples wanted(metric::kCollectorWantedInterval);
    MetricSamples last_success(metric::kCollectorLastSuccess);
    for (const CollectorHealth& collector : snapshot.collectors) {
        success.add({collector.name}, collector.success && fresh ? 1 : 0);
        allowed.add({collector.name}, collector.allowed ? 1 : 0);
        duration.add({collector.name}, text::seconds(collector.duration));
        interval.add({collector.name}, text::seconds(collector.interval));
        wanted.add({collector.name}, text::seconds(collector.wanted_interval));
        last_success.add({collector.name}, unix_seconds(collector.last_success));
    }
    families.push_back(std::move(success).take());
    families.push_back(std::move(allowed).take());
    families.push_back(std::move(duration).take());
    families.push_back(std::move(interval).take());
    families.push_back(std::move(wanted).take());
    families.push_back(std::move(last_success).take());

    MetricSamples failures(metric::kDumpFailures);
    for (const auto& [reason, count] : snapshot.dump_failures) {
        failures.add({reason}, static_cast<double>(count));
    }
    families.push_back(std::move(failures).take());

    if (snapshot.cpu) {
        MetricSamples cpu(metric::kCpu);
        cpu.add({"poll"}, text::seconds(snapshot.cpu->poll));
        cpu.add({"census"}, text::seconds(snapshot.cpu->census));
        cpu.add({"owners"}, text::seconds(snapshot.cpu->owners));
        cpu.add({"publish"}, text::seconds(snapshot.cpu->publish));
        cpu.add({"control"}, text::seconds(snapshot.cpu->control));
        cpu.add({"scrape"}, text::seconds(snapshot.cpu->scrape));
        families.push_back(std::move(cpu).take());
    }

    if (snapshot.config) {
        MetricSamples successful(metric::kConfigReloadSuccessful);
        successful.add({}, snapshot.config->successful ? 1 : 0);
        families.push_back(std::move(successful).take());
        MetricSamples time(metric::kConfigReloadTime);
        time.add({}, unix_seconds(snapshot.config->last_success));
        families.push_back(std::move(time).take());
    }

    if (snapshot.history) {
        add_history_families(*snapshot.history, families);
    }

    MetricSamples build(metric::kBuildInfo);
    build.add({snapshot.build.version, snapshot.build.revision}, 1);
    families.push_back(std::move(build).take());
}

void add_process_families(const ProcessMetrics& process, Families& families) {
    const auto add = [&families](const MetricDefinition& definition,
                                 const std::optional<double>& value) {
        if (value) {
            MetricSamples samples(definition);
            samples.add({}, *value);
            families.push_back(std::move(samples).take());
        }
    };
    add(metric::kProcessCpu, process.cpu_seconds);
    add(metric::kProcessResidentMemory, process.resident_bytes);
    add(metric::kProcessVirtualMemory, process.virtual_bytes);
    add(metric::kProcessOpenFds, process.open_fds);
    add(metric::kProcessMaxFds, process.max_fds);
    add(metric::kProcessStartTime, process.start_time_seconds);
}

}  // namespace halfclosed::exporters
