#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace halfclosed::exporters {

/// Leaves of a page what the alert rules and the fleet's recording rules read (deploy/prometheus), without the
/// combinations of labels that are 0: an absent one is 0 as long as halfclosed_collector_success is 1.
///
/// So a host that watches one port has at most kEssentialSeries, and each further port adds at most
/// kEssentialSeriesOfAPort, where a port has sockets on one side of it and leaks of one owner.
std::vector<prometheus::MetricFamily> essential(std::vector<prometheus::MetricFamily> families);

inline constexpr std::size_t kEssentialSeries = 60;
inline constexpr std::size_t kEssentialSeriesOfAPort = 29;

}  // namespace halfclosed::exporters
