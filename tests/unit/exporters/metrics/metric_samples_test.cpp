#include "exporters/metrics/metric_samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace halfclosed::exporters {
namespace {

prometheus::ClientMetric::Histogram rendered(const tracking::DurationHistogram& histogram) {
    MetricSamples samples(metric::kStateDuration);
    samples.add({"9999", "server", "close_wait"}, histogram);
    return std::move(samples).take().metric.at(0).histogram;
}

TEST(MetricSamples, EmptyHistogramHasAllItsBuckets) {
    const auto histogram = rendered({});
    ASSERT_EQ(histogram.bucket.size(), 12U);
    EXPECT_EQ(histogram.bucket.front().upper_bound, 1);
    EXPECT_EQ(histogram.bucket.at(10).upper_bound, 86400);
    EXPECT_TRUE(std::isinf(histogram.bucket.back().upper_bound));
    EXPECT_EQ(histogram.sample_count, 0U);
}

TEST(MetricSamples, ABoundBelongsToItsBucket) {
    tracking::DurationHistogram observed;
    observed.observe(5.0);
    const auto histogram = rendered(observed);
    EXPECT_EQ(histogram.bucket.at(0).cumulative_count, 0U);
    EXPECT_EQ(histogram.bucket.at(1).cumulative_count, 1U);
}

TEST(MetricSamples, HistogramsAreCumulativeAndEndInTheirCount) {
    std::mt19937 random(1);
    std::exponential_distribution<double> seconds(0.001);
    for (int round = 0; round < 100; ++round) {
        tracking::DurationHistogram observed;
        std::vector<double> values;
        for (int i = 0; i < round; ++i) {
            values.push_back(seconds(random));
            observed.observe(values.back());
        }
        const auto histogram = rendered(observed);
        for (const auto& bucket : histogram.bucket) {
            const auto below = std::count_if(values.begin(), values.end(), [&](double value) {
                return value <= bucket.upper_bound;
            });
            EXPECT_EQ(bucket.cumulative_count, static_cast<std::uint64_t>(below));
        }
        EXPECT_EQ(histogram.bucket.back().cumulative_count, histogram.sample_count);
        EXPECT_EQ(histogram.sample_count, values.size());
        double sum = 0;
        for (const double value : values) {
            sum += value;
        }
        EXPECT_NEAR(histogram.sample_sum, sum, 1e-6 * sum);
    }
}

TEST(MetricSamples, PairsValuesWithTheLabelsOfTheDefinition) {
    MetricSamples samples(metric::kFinWait2Ended);
    samples.add({"9999", "client", "expired"}, 7);
    const prometheus::MetricFamily family = std::move(samples).take();
    EXPECT_EQ(family.name, "halfclosed_fin_wait2_ended_total");
    EXPECT_EQ(family.type, prometheus::MetricType::Counter);
    EXPECT_EQ(family.metric.at(0).counter.value, 7);
    const std::vector<prometheus::ClientMetric::Label> expected{
        {"port", "9999"}, {"side", "client"}, {"how", "expired"}};
    EXPECT_EQ(family.metric.at(0).label, expected);
}

}  // namespace
}  // namespace halfclosed::exporters
