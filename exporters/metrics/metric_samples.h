#pragma once

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "exporters/metrics/metric_definition.h"
#include "tracking/event_counters.h"

namespace halfclosed::exporters {

/// The samples of one metric while they are put together. Label values may be any bytes: what is
/// not valid UTF-8 is replaced here, the one way by which a value reaches the page.
class MetricSamples {
 public:
    explicit MetricSamples(const MetricDefinition& definition);

    /// One sample of a gauge or counter; as many label values as the definition has labels, in its
    /// order.
    void add(std::initializer_list<std::string> label_values, double value);

    /// One histogram: cumulative buckets up to +Inf, which equals the count.
    void add(std::initializer_list<std::string> label_values,
             const tracking::DurationHistogram& histogram);

    prometheus::MetricFamily take() && { return std::move(family_); }

 private:
    prometheus::ClientMetric& labelled(std::initializer_list<std::string> label_values);

    const MetricDefinition& definition_;
    prometheus::MetricFamily family_;
};

}  // namespace halfclosed::exporters
