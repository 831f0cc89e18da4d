#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The snapshot as Prometheus families, in the order of metric_definition.h. `now` is the moment of
/// the scrape on the monotonic clock. A gauge whose collector failed, or of a snapshot that is no longer
/// fresh, is absent and its halfclosed_collector_success is 0; counters always stand. Families
/// without a sample are left out.
std::vector<prometheus::MetricFamily> metric_families(const Snapshot& snapshot, Instant now);

/// The whole page in the text format 0.0.4 (prometheus.io, exposition formats), with the process's
/// own metrics, those of the snapshot, at its end.
std::string metrics_page(const Snapshot& snapshot, Instant now);

/// Of the Content-Type header.
inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace halfclosed::exporters
