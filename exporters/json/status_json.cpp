#include "exporters/json/status_json.h"

#include <unistd.h>

#include "exporters/snapshot/freshness.h"
#include "exporters/snapshot/half_closed.h"
#include "exporters/snapshot/leaks.h"
#include "exporters/snapshot/owner_leaks.h"
#include "exporters/snapshot/summary.h"
#include "text/json.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

using text::Json;

template <typename Value>
Json or_null(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json unix_seconds(const std::optional<WallTime>& time) {
    return time ? Json(text::seconds(time->time_since_epoch())) : Json(nullptr);
}

std::size_t leaked(const Snapshot& snapshot) {
    std::size_t count = 0;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        count += is_leaked(socket, snapshot) ? 1 : 0;
    }
    for (const auto& [leak, sockets] : snapshot.without_detail.leaks) {
        count += sockets;
    }
    return count;
}

/// With a null for each where nothing is seen.
void add_counts(Json& json, const Snapshot& snapshot, bool sees) {
    const std::vector<OwnerLeaks> owners = sees ? owner_leaks(snapshot) : std::vector<OwnerLeaks>{};
    json.add("half_closed",
             sees ? Json(half_closed_sockets(snapshot).size() + snapshot.without_detail.sockets)
                  : Json(nullptr));
    json.add("leaked", sees ? Json(leaked(snapshot)) : Json(nullptr));
    json.add("dead", sees ? Json(snapshot.dead.size()) : Json(nullptr));
    json.add("unwatched",
             sees && snapshot.census ? Json(snapshot.census->unwatched.total()) : Json(nullptr));
    const std::string hidden = sees ? unaccounted_sentence(snapshot) : "";
    json.add("unaccounted", hidden.empty() ? Json(nullptr) : Json(hidden));
    json.add("worst", owners.empty() ? Json(nullptr) : Json(leak_sentence(owners.front())));
}

Json config_json(const std::optional<ConfigReload>& config) {
    return config ? Json{{"successful", config->successful},
                         {"last_success_timestamp_seconds", unix_seconds(config->last_success)}}
                  : Json(nullptr);
}

}  // namespace

std::string status_json(const Snapshot& snapshot, Instant now,
                        const std::vector<std::string>& addresses) {
    const std::string why = blindness(&snapshot, now);
    Json json;
    json.add("schema", "halfclosed.status/1");
    json.add("time", text::rfc3339(snapshot.time));
    json.add("version", snapshot.build.version);
    json.add("revision", snapshot.build.revision);
    json.add("pid", getpid());
    json.add("start_timestamp_seconds", or_null(snapshot.process.start_time_seconds));
    json.add("addresses", addresses);
    json.add("ports", ports_phrase(snapshot));
    json.add("sees", why.empty());
    json.add("why", why.empty() ? Json(nullptr) : Json(why));
    add_counts(json, snapshot, why.empty());
    Json collectors = Json::array();
    for (const CollectorHealth& collector : snapshot.collectors) {
        collectors.push_back(
            {{"name", collector.name},
             {"success", collector.success},
             {"allowed", collector.allowed},
             {"duration_seconds", text::seconds(collector.duration)},
             {"interval_seconds", text::seconds(collector.interval)},
             {"wanted_interval_seconds", text::seconds(collector.wanted_interval)},
             {"last_success_timestamp_seconds", unix_seconds(collector.last_success)}});
    }
    json.add("collectors", collectors);
    json.add("config", config_json(snapshot.config));
    json.add("process", {{"cpu_seconds", or_null(snapshot.process.cpu_seconds)},
                         {"resident_bytes", or_null(snapshot.process.resident_bytes)},
                         {"open_fds", or_null(snapshot.process.open_fds)}});
    return json.dump() + "\n";
}

}  // namespace halfclosed::exporters
