#include "exporters/metrics/openmetrics.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>
#include <utility>

#include "exporters/metrics/metric_definition.h"
#include "text/hex.h"
#include "text/terminal.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::string_view kTotal = "_total";
constexpr std::string_view kInfo = "_info";

std::string number(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value > 0 ? "+Inf" : "-Inf";
    }
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end};
}

/// Bounds are floats, and show it.
std::string bound(double value) {
    std::string text = number(value);
    return std::isinf(value) || text.find_first_of(".e") != std::string::npos ? text : text + ".0";
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        if (letter == '\n') {
            result += "\\n";
        } else {
            result += letter == '\\' || letter == '"' ? std::string{'\\', letter}
                                                      : std::string(1, letter);
        }
    }
    return result;
}

using Labels = std::vector<std::pair<std::string, std::string>>;

std::string label_text(const Labels& labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
        text += (text.empty() ? "" : ",") + name + "=\"" + escaped(value) + "\"";
    }
    return "{" + text + "}";
}

Labels labels_of(const ClientMetric& sample) {
    Labels labels;
    for (const ClientMetric::Label& label : sample.label) {
        labels.emplace_back(label.name, label.value);
    }
    return labels;
}

std::string line(const std::string& name, const Labels& labels, const std::string& value) {
    return name + (labels.empty() ? "" : label_text(labels)) + " " + value;
}

/// Its labels may have 128 characters together, names and values.
std::string exemplar_text(const Exemplar& exemplar) {
    constexpr std::size_t kMost = 128;
    const std::string cookie = text::cookie_text(exemplar.cookie);
    std::string owner = text::printable(exemplar.owner);
    const std::size_t taken = std::string_view("cookieowner").size() + cookie.size();
    if (text::columns(owner) + taken > kMost) {
        owner = text::cut(owner, kMost - taken);
    }
    const double time = std::chrono::duration<double>(exemplar.time.time_since_epoch()).count();
    std::array<char, 32> stamp{};
    std::snprintf(stamp.data(), stamp.size(), "%.3f", time);
    return " # " + label_text({{"cookie", cookie}, {"owner", owner}}) + " " +
           number(exemplar.seconds) + " " + stamp.data();
}

const DurationExemplars::Buckets* exemplars_of(const ClientMetric& sample,
                                               const DurationExemplars& exemplars) {
    const Labels labels = labels_of(sample);
    for (const auto& [key, buckets] : exemplars.latest) {
        const auto& [port, side, state] = key;
        if (labels == Labels{{"port", port}, {"side", name(side)}, {"state", name(state)}}) {
            return &buckets;
        }
    }
    return nullptr;
}

std::string histogram(const std::string& name, const ClientMetric& sample,
                      const DurationExemplars::Buckets* exemplars) {
    std::string text;
    std::size_t place = 0;
    for (const ClientMetric::Bucket& bucket : sample.histogram.bucket) {
        Labels labels = labels_of(sample);
        labels.emplace_back("le", bound(bucket.upper_bound));
        text += line(name + "_bucket", labels, std::to_string(bucket.cumulative_count));
        if (exemplars != nullptr && place < exemplars->size() && (*exemplars)[place]) {
            text += exemplar_text(*(*exemplars)[place]);
        }
        text += "\n";
        ++place;
    }
    const Labels labels = labels_of(sample);
    text += line(name + "_count", labels, std::to_string(sample.histogram.sample_count)) + "\n";
    return text + line(name + "_sum", labels, number(sample.histogram.sample_sum)) + "\n";
}

std::string_view unit_of(std::string_view name) {
    for (const std::string_view unit : {"seconds", "bytes", "ratio"}) {
        if (name.ends_with(unit) && name.size() > unit.size() &&
            name[name.size() - unit.size() - 1] == '_') {
            return unit;
        }
    }
    return {};
}

std::string family_text(const MetricFamily& family, const DurationExemplars& exemplars) {
    std::string name = family.name;
    std::string type = "gauge";
    if (family.type == MetricType::Counter) {
        type = "counter";
        name.resize(name.size() - kTotal.size());
    } else if (family.type == MetricType::Histogram) {
        type = "histogram";
    } else if (name.ends_with(kInfo)) {
        type = "info";
        name.resize(name.size() - kInfo.size());
    }
    std::string text = "# TYPE " + name + " " + type + "\n";
    if (const std::string_view unit = unit_of(name); !unit.empty()) {
        text += "# UNIT " + name + " " + std::string(unit) + "\n";
    }
    text += "# HELP " + name + " " + escaped(family.help) + "\n";
    for (const ClientMetric& sample : family.metric) {
        if (family.type == MetricType::Histogram) {
            text += histogram(family.name, sample, exemplars_of(sample, exemplars));
        } else {
            const double value =
                family.type == MetricType::Counter ? sample.counter.value : sample.gauge.value;
            text += line(family.name, labels_of(sample), number(value)) + "\n";
        }
    }
    return text;
}

}  // namespace

std::string openmetrics_text(const std::vector<MetricFamily>& families,
                             const DurationExemplars& exemplars) {
    std::string text;
    for (const MetricFamily& family : families) {
        text += family_text(family, exemplars);
    }
    return text + "# EOF\n";
}

}  // namespace halfclosed::exporters
