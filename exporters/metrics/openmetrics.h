#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "exporters/snapshot/duration_exemplars.h"

namespace halfclosed::exporters {

/// The families in the text format of OpenMetrics 1.0 (github.com/prometheus/OpenMetrics, specification/OpenMetrics.md),
/// which ends with "# EOF". Differs from the text format 0.0.4 in the names of counters' families, in units, in
/// halfclosed_build_info's type, in the spelling of bounds ("le" is "1.0"), and in the exemplars of
/// halfclosed_state_duration_seconds.
std::string openmetrics_text(const std::vector<prometheus::MetricFamily>& families,
                             const DurationExemplars& exemplars);

}  // namespace halfclosed::exporters
