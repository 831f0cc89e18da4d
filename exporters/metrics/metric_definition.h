#pragma once

#include <prometheus/metric_type.h>

#include <array>
#include <span>
#include <string_view>

namespace halfclosed::exporters {

/// What one metric of the page is: the only place where its name, type, labels and help text stand.
/// Help texts hold neither backslash nor newline, for the serializer does not escape them.
struct MetricDefinition {
    std::string_view name;
    prometheus::MetricType type;
    std::array<std::string_view, 5>
        labels;  ///< in the order of a sample's values; empty where there are fewer
    std::string_view help;

    constexpr std::size_t label_count() const {
        std::size_t count = 0;
        while (count < labels.size() && !labels[count].empty()) {
            ++count;
        }
        return count;
    }
};

/// Every metric there is, in the order of the page.
std::span<const MetricDefinition* const> metric_definitions();

namespace metric {

// The sockets.
extern const MetricDefinition kSockets;
extern const MetricDefinition kOldestSocketAge;
extern const MetricDefinition kLeakedSockets;
extern const MetricDefinition kDeadSockets;
extern const MetricDefinition kAcceptQueueSockets;
extern const MetricDefinition kAcceptQueueLimit;
extern const MetricDefinition kAcceptQueueFullest;
extern const MetricDefinition kUnwatchedSockets;
// What happened to them.
extern const MetricDefinition kTransitions;
extern const MetricDefinition kStateDuration;
extern const MetricDefinition kFinWait2Ended;
extern const MetricDefinition kCloseWaitEnded;
// What the kernel says.
extern const MetricDefinition kSockstat;
extern const MetricDefinition kReconciliationCounted;
extern const MetricDefinition kReconciliationAgrees;
extern const MetricDefinition kKernelLimit;
extern const MetricDefinition kKernelFinTimeout;
extern const MetricDefinition kKernelEvents;
// The lab.
extern const MetricDefinition kScenarioRuns;
extern const MetricDefinition kScenarioLastRun;
// The observer itself.
extern const MetricDefinition kCollectorSuccess;
extern const MetricDefinition kCollectorAllowed;
extern const MetricDefinition kCollectorDuration;
extern const MetricDefinition kCollectorInterval;
extern const MetricDefinition kCollectorWantedInterval;
extern const MetricDefinition kCollectorLastSuccess;
extern const MetricDefinition kDumpFailures;
extern const MetricDefinition kConfigReloadSuccessful;
extern const MetricDefinition kConfigReloadTime;
extern const MetricDefinition kBuildInfo;
extern const MetricDefinition kProcessCpu;
extern const MetricDefinition kProcessResidentMemory;
extern const MetricDefinition kProcessVirtualMemory;
extern const MetricDefinition kProcessOpenFds;
extern const MetricDefinition kProcessMaxFds;
extern const MetricDefinition kProcessStartTime;

}  // namespace metric

}  // namespace halfclosed::exporters
