#include "exporters/metrics/metric_samples.h"

#include <cassert>
#include <limits>

#include "text/utf8.h"

namespace halfclosed::exporters {

MetricSamples::MetricSamples(const MetricDefinition& definition) : definition_(definition) {
    family_.name = definition.name;
    family_.help = definition.help;
    family_.type = definition.type;
}

prometheus::ClientMetric& MetricSamples::labelled(std::initializer_list<std::string> label_values) {
    assert(label_values.size() == definition_.label_count());
    prometheus::ClientMetric& sample = family_.metric.emplace_back();
    const std::string_view* label = definition_.labels.data();
    for (const std::string& value : label_values) {
        sample.label.push_back({std::string(*label++), text::printable(value)});
    }
    return sample;
}

void MetricSamples::add(std::initializer_list<std::string> label_values, double value) {
    assert(definition_.type != prometheus::MetricType::Histogram);
    prometheus::ClientMetric& sample = labelled(label_values);
    if (definition_.type == prometheus::MetricType::Counter) {
        sample.counter.value = value;
    } else {
        sample.gauge.value = value;
    }
}

void MetricSamples::add(std::initializer_list<std::string> label_values,
                        const tracking::DurationHistogram& histogram) {
    assert(definition_.type == prometheus::MetricType::Histogram);
    prometheus::ClientMetric::Histogram& data = labelled(label_values).histogram;
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
        so_far += histogram.counts[i];
        const bool last = i == tracking::DurationHistogram::kBounds.size();
        data.bucket.push_back({so_far, last ? std::numeric_limits<double>::infinity()
                                            : tracking::DurationHistogram::kBounds[i]});
    }
    data.sample_count = so_far;
    data.sample_sum = histogram.sum;
}

}  // namespace halfclosed::exporters
