#include "exporters/metrics/essential.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "exporters/metrics/metric_definition.h"
#include "exporters/metrics/observer_metric_definition.h"

namespace halfclosed::exporters {

namespace {

/// What is kept of a metric: samples whose label has one of the values, all of them if there is no label.
struct Kept {
    std::string_view name;
    bool zeros = false;  ///< those that are 0 too
    std::string_view label{};
    std::array<std::string_view, 6> values{};
};

/// Of a leak the alerts read that it is there; of a collector that it works, and how old its answer is where that can be
/// told apart from its success.
constexpr std::array kAll{
    Kept{metric::kSockets.name,
         false,
         "state",
         {"fin_wait1", "fin_wait2", "close_wait", "last_ack", "closing"}},
    Kept{metric::kOldestSocketAge.name},
    Kept{metric::kLeakedSockets.name},
    Kept{metric::kDeadSockets.name},
    Kept{metric::kLeakOldestAge.name},
    Kept{metric::kOwnerDescriptors.name, true},
    Kept{metric::kOwnerDescriptorsLimit.name, true},
    Kept{metric::kAcceptQueueFullest.name},
    Kept{metric::kTransitions.name, false, "from", {"established"}},
    Kept{metric::kFinWait2Ended.name},
    Kept{metric::kCloseWaitEnded.name},
    Kept{metric::kSockstat.name, true, "field", {"orphan", "tw"}},
    Kept{metric::kReconciliationAgrees.name, true},
    Kept{metric::kKernelLimit.name, true},
    Kept{metric::kKernelEvents.name, true, "event", {"TCPTimeWaitOverflow"}},
    // The daemon's own self-test is there before it fails for the first time.
    Kept{metric::kScenarioRuns.name, true, "scenario", {"late-close"}},
    Kept{metric::kScenarioRuns.name},
    Kept{metric::kSelfTestInterval.name, true},
    Kept{metric::kSelfTestLastRun.name, true},
    Kept{metric::kCollectorSuccess.name, true},
    Kept{metric::kCollectorLastSuccess.name, true, "collector", {"closing", "census"}},
    Kept{metric::kCollectorInterval.name, true, "collector", {"closing", "census"}},
    Kept{metric::kCollectorWantedInterval.name, true, "collector", {"closing", "census"}},
    Kept{metric::kBuildInfo.name, true},
    Kept{metric::kProcessCpu.name, true},
    Kept{metric::kProcessStartTime.name, true},
};

double value_of(const prometheus::ClientMetric& sample, prometheus::MetricType type) {
    return type == prometheus::MetricType::Counter ? sample.counter.value : sample.gauge.value;
}

bool has_label(const prometheus::ClientMetric& sample, const Kept& kept) {
    return kept.label.empty() ||
           std::any_of(sample.label.begin(), sample.label.end(), [&](const auto& label) {
               return label.name == kept.label && std::find(kept.values.begin(), kept.values.end(),
                                                            label.value) != kept.values.end();
           });
}

/// A collector that this service may not have is told by a 0, and no other is told.
bool is_refusal(const prometheus::MetricFamily& family, const prometheus::ClientMetric& sample) {
    return family.name == metric::kCollectorAllowed.name && sample.gauge.value == 0;
}

/// One series with 0 tells a fleet that nothing leaks from a host that does not say.
bool is_no_leak(const prometheus::MetricFamily& family, const prometheus::ClientMetric& sample) {
    return family.name == metric::kLeakedSockets.name &&
           std::count_if(sample.label.begin(), sample.label.end(), [](const auto& label) {
               return label.value == "server" || label.value == "not_closed" ||
                      label.value == "unknown";
           }) == 3;
}

bool is_essential(const prometheus::MetricFamily& family, const prometheus::ClientMetric& sample) {
    if (is_refusal(family, sample) || is_no_leak(family, sample)) {
        return true;
    }
    return std::any_of(kAll.begin(), kAll.end(), [&](const Kept& kept) {
        return kept.name == family.name && has_label(sample, kept) &&
               (kept.zeros || value_of(sample, family.type) != 0);
    });
}

}  // namespace

std::vector<prometheus::MetricFamily> essential(std::vector<prometheus::MetricFamily> families) {
    for (prometheus::MetricFamily& family : families) {
        std::erase_if(family.metric, [&family](const prometheus::ClientMetric& sample) {
            return !is_essential(family, sample);
        });
    }
    std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
    return families;
}

}  // namespace halfclosed::exporters
