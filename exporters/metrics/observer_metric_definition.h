#pragma once

#include "exporters/metrics/metric_definition.h"

namespace halfclosed::exporters::metric {

// The observer itself.

inline constexpr MetricDefinition kCollectorSuccess{
    "halfclosed_collector_success",
    Gauge,
    {"collector"},
    "1 where the collector's last run gave a complete answer that is still fresh, else 0; its "
    "gauges are then absent."};
inline constexpr MetricDefinition kCollectorAllowed{
    "halfclosed_collector_allowed",
    Gauge,
    {"collector"},
    "0 where this service was never given what the collector needs, a privilege or a view of the "
    "host, else 1. Its success is 0 then as long as something that is wanted is missing."};
inline constexpr MetricDefinition kCollectorDuration{
    "halfclosed_collector_duration_seconds",
    Gauge,
    {"collector"},
    "Wall clock time of the collector's last run."};
inline constexpr MetricDefinition kCollectorInterval{
    "halfclosed_collector_interval_seconds",
    Gauge,
    {"collector"},
    "Time between two runs of the collector that is in force now: the configured one, or a longer "
    "one that keeps to the CPU share."};
inline constexpr MetricDefinition kCollectorWantedInterval{
    "halfclosed_collector_wanted_interval_seconds",
    Gauge,
    {"collector"},
    "Time between two runs of the collector that was asked for."};
inline constexpr MetricDefinition kCollectorLastSuccess{
    "halfclosed_collector_last_success_timestamp_seconds",
    Gauge,
    {"collector"},
    "Unix time of the collector's last complete answer; 0 where there was none yet."};
inline constexpr MetricDefinition kDumpFailures{
    "halfclosed_dump_failures_total",
    Counter,
    {"reason"},
    "Socket dumps without a complete answer since the daemon started, by reason. None of them "
    "changed a count."};
inline constexpr MetricDefinition kCpu{
    "halfclosed_cpu_seconds_total",
    Counter,
    {"work"},
    "CPU time of this process by what it was for: poll, census, owners (passes over /proc), "
    "publish, and the reloads of control keep to --cpu-share together; the rest of control (the "
    "start, the control socket) and scrape (answers to HTTP requests) do not."};
inline constexpr MetricDefinition kNetworkNamespaces{
    "halfclosed_network_namespaces",
    Gauge,
    {"status"},
    "Network namespaces whose sockets are watched; those that should be and may not be entered; "
    "and, with --namespaces own, those that exist besides."};
inline constexpr MetricDefinition kConfigReloadSuccessful{
    "halfclosed_config_last_reload_successful",
    Gauge,
    {},
    "1 where the last attempt to read the configuration succeeded, 0 where the one before stays "
    "in force."};
inline constexpr MetricDefinition kConfigReloadTime{
    "halfclosed_config_last_reload_success_timestamp_seconds",
    Gauge,
    {},
    "Unix time at which the configuration was last read successfully; 0 where it never was."};
inline constexpr MetricDefinition kHistorySockets{
    "halfclosed_history_sockets_total",
    Counter,
    {"result"},
    "Half-closed sockets that lived longer than a second or leaked: recorded in the history, or "
    "left out because there "
    "were too many of them or the disk took no more. Absent without --state-dir."};
inline constexpr MetricDefinition kHistoryWriteFailures{
    "halfclosed_history_write_failures_total",
    Counter,
    {},
    "Times that the history could not be written. Absent without --state-dir."};
inline constexpr MetricDefinition kHistorySize{"halfclosed_history_size_bytes",
                                               Gauge,
                                               {},
                                               "What the history and its log take on the disk, as "
                                               "of its last write. Absent without --state-dir."};
inline constexpr MetricDefinition kBuildInfo{
    "halfclosed_build_info",
    Gauge,
    {"version", "revision"},
    "Always 1; the labels say which build of halfclosed this is."};

// The client libraries' own words: node_exporter's textfile collector refuses a page whose help differs from its own.
inline constexpr MetricDefinition kProcessCpu{
    "process_cpu_seconds_total", Counter, {}, "Total user and system CPU time spent in seconds."};
inline constexpr MetricDefinition kProcessResidentMemory{
    "process_resident_memory_bytes", Gauge, {}, "Resident memory size in bytes."};
inline constexpr MetricDefinition kProcessVirtualMemory{
    "process_virtual_memory_bytes", Gauge, {}, "Virtual memory size in bytes."};
inline constexpr MetricDefinition kProcessOpenFds{
    "process_open_fds", Gauge, {}, "Number of open file descriptors."};
inline constexpr MetricDefinition kProcessMaxFds{
    "process_max_fds", Gauge, {}, "Maximum number of open file descriptors."};
inline constexpr MetricDefinition kProcessStartTime{
    "process_start_time_seconds",
    Gauge,
    {},
    "Start time of the process since unix epoch in seconds."};

}  // namespace halfclosed::exporters::metric
