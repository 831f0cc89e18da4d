#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

#include "exporters/metrics/family_filter.h"
#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The snapshot as Prometheus families, in the order of metric_definition.h. `now` is the moment of
/// the scrape on the monotonic clock. A gauge whose collector failed, or of a snapshot that is no longer
/// fresh, is absent and its halfclosed_collector_success is 0; counters always stand. Families
/// without a sample are left out.
std::vector<prometheus::MetricFamily> metric_families(const Snapshot& snapshot, Instant now);

enum class MetricsFormat {
    text,         ///< the text format 0.0.4 (prometheus.io, exposition formats)
    openmetrics,  ///< OpenMetrics 1.0, with exemplars
};

/// The format that a client wants, by its Accept header (RFC 9110 section 12.5.1): OpenMetrics where it is named and has
/// no lower weight than plain text.
MetricsFormat accepted_format(std::string_view accept);

/// Of the Content-Type header.
const char* content_type(MetricsFormat format);

/// The whole page, with the process's own metrics, those of the snapshot, at its end; as much of it as Snapshot::detail
/// says and the filter leaves.
std::string metrics_page(const Snapshot& snapshot, Instant now,
                         MetricsFormat format = MetricsFormat::text,
                         const FamilyFilter& filter = {});

}  // namespace halfclosed::exporters
