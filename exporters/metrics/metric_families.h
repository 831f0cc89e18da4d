#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

using Families = std::vector<prometheus::MetricFamily>;

// The parts of the page, each in the order of metric_definition.h. Each appends to `families`.

/// The sockets as they stand. `fresh`: whether the snapshot may be shown as the present.
void add_socket_families(const Snapshot& snapshot, bool fresh, Families& families);
/// What their owners leak, and how many descriptors they have left.
void add_owner_families(const Snapshot& snapshot, Families& families);
/// What happened to them, and in the lab: counters, which are true whenever they are read.
void add_event_families(const Snapshot& snapshot, Families& families);
/// What the kernel says, and whether we agree.
void add_kernel_families(const Snapshot& snapshot, bool fresh, Families& families);
void add_scenario_families(const Snapshot& snapshot, Families& families);
/// The observer's own health.
void add_observer_families(const Snapshot& snapshot, bool fresh, Families& families);
/// This process.
void add_process_families(const ProcessMetrics& process, Families& families);

/// A duration or an instant in the seconds of a sample. Nothing, for an instant, is 0.
double unix_seconds(const std::optional<WallTime>& time);

}  // namespace halfclosed::exporters
