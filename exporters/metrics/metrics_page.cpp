#include "exporters/metrics/metrics_page.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "exporters/metrics/essential.h"
#include "exporters/metrics/metric_families.h"
#include "exporters/metrics/openmetrics.h"
#include "text/time.h"
#include "text/words.h"

namespace halfclosed::exporters {

namespace {

void drop_empty(Families& families) {
    std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
}

/// The value of a parameter of a media range; nothing if it has none of that name.
std::optional<std::string_view> parameter(std::string_view range, std::string_view name) {
    while (range.find(';') != std::string_view::npos) {
        range.remove_prefix(range.find(';') + 1);
        const std::string_view each = text::trimmed(range.substr(0, range.find(';')));
        if (each.size() > name.size() && each.starts_with(name) && each[name.size()] == '=') {
            return each.substr(name.size() + 1);
        }
    }
    return std::nullopt;
}

double weight(std::string_view range) {
    const auto text = parameter(range, "q");
    double value = 1;
    if (text) {
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
        value = error == std::errc{} && value >= 0 && value <= 1 ? value : 0;
    }
    return value;
}

/// Also without a version: 1.0.0 is the first one.
bool is_version_1(std::string_view range) {
    const auto version = parameter(range, "version");
    return !version || *version == "1.0.0" || *version == "1.0";
}

}  // namespace

double unix_seconds(const std::optional<WallTime>& time) {
    return time ? text::seconds(time->time_since_epoch()) : 0.0;
}

Families metric_families(const Snapshot& snapshot, Instant now) {
    const bool fresh = snapshot.fresh(now);
    Families families;
    add_socket_families(snapshot, fresh, families);
    add_event_families(snapshot, families);
    add_kernel_families(snapshot, fresh, families);
    add_scenario_families(snapshot, families);
    add_observer_families(snapshot, fresh, families);
    drop_empty(families);
    return families;
}

std::string metrics_page(const Snapshot& snapshot, Instant now, MetricsFormat format,
                         const FamilyFilter& filter) {
    Families families = metric_families(snapshot, now);
    add_process_families(snapshot.process, families);
    drop_empty(families);
    if (snapshot.detail == Detail::essential) {
        families = essential(std::move(families));
    }
    filter.apply(families);
    if (format == MetricsFormat::openmetrics) {
        static const DurationExemplars kNone;
        return openmetrics_text(families, snapshot.exemplars ? *snapshot.exemplars : kNone);
    }
    return prometheus::TextSerializer{}.Serialize(families);
}

MetricsFormat accepted_format(std::string_view accept) {
    double openmetrics = 0;
    double text = 0;
    while (!accept.empty()) {
        const std::string_view range = accept.substr(0, accept.find(','));
        accept.remove_prefix(std::min(range.size() + 1, accept.size()));
        const std::string_view type = text::trimmed(range.substr(0, range.find(';')));
        if (type == "application/openmetrics-text" && is_version_1(range)) {
            openmetrics = std::max(openmetrics, weight(range));
        } else if (type == "text/plain" || type == "text/*") {
            text = std::max(text, weight(range));
        }
    }
    return openmetrics > 0 && openmetrics >= text ? MetricsFormat::openmetrics
                                                  : MetricsFormat::text;
}

const char* content_type(MetricsFormat format) {
    return format == MetricsFormat::openmetrics
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace halfclosed::exporters
