#include "exporters/metrics/metrics_page.h"

#include <prometheus/text_serializer.h>

#include "exporters/metrics/metric_families.h"

namespace halfclosed::exporters {

namespace {

void drop_empty(Families& families) {
    std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
}

}  // namespace

double seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

double unix_seconds(const std::optional<WallTime>& time) {
    return time ? std::chrono::duration<double>(time->time_since_epoch()).count() : 0.0;
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

std::string metrics_page(const Snapshot& snapshot, Instant now) {
    Families families = metric_families(snapshot, now);
    add_process_families(snapshot.process, families);
    drop_empty(families);
    return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace halfclosed::exporters
