#include "history/history_json.h"

#include <algorithm>

#include "text/hex.h"
#include "text/json.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::history {

namespace {

using text::Json;

Json text_or_null(const std::optional<std::string>& text) {
    return text ? Json(text::printable(*text)) : Json(nullptr);
}

Json time_or_null(const std::optional<Moment>& moment) {
    return moment ? Json(text::rfc3339(moment->time)) : Json(nullptr);
}

Json owner_json(const RecordedSocket& socket) {
    const RecordedOwner& owner = *socket.owner;
    Json processes = Json::array();
    if (owner.pid != 0) {
        processes.push_back(
            {{"pid", owner.pid},
             {"comm", text::printable(owner.comm)},
             {"fd", socket.descriptor >= 0 ? Json(socket.descriptor) : Json(nullptr)}});
    }
    return {{"name", text::printable(owner.name)},
            {"unit", text_or_null(owner.unit)},
            {"cgroup", text_or_null(owner.cgroup)},
            {"processes", std::move(processes)}};
}

/// Null where it is not known.
Json namespace_json(const HistoryRow& row) {
    const NamespaceId id = row.socket.record.netns;
    return id == NamespaceId{} ? Json(nullptr)
                               : Json{{"id", static_cast<std::uint64_t>(id)},
                                      {"name", text_or_null(row.namespace_name)}};
}

std::string address(const RecordedSocket& socket, const Endpoint& end) {
    const bool zone = end.address.is_link_local() && socket.record.interface != 0;
    return to_string(end, zone ? std::to_string(socket.record.interface) : "");
}

}  // namespace

Duration span_length(const HistoryRow& row, std::size_t span, const std::optional<Moment>& now) {
    const std::vector<StateSpan>& spans = row.socket.spans;
    const Instant began = spans[span].began.instant;
    const Instant end = span + 1 < spans.size() ? spans[span + 1].began.instant
                        : row.socket.ended      ? row.socket.ended->instant
                                                : now.value_or(row.observed_until).instant;
    return std::max(end - began, Duration::zero());
}

std::string history_line(const HistoryRow& row, const std::optional<Moment>& now) {
    const RecordedSocket& socket = row.socket;
    Json json;
    json.add("schema", "halfclosed.history/1");
    json.add("cookie", text::cookie_text(socket.record.cookie));
    json.add("family", name(socket.record.family));
    json.add("local", address(socket, socket.record.local));
    json.add("remote", address(socket, socket.record.remote));
    json.add("port", socket.port);
    json.add("side", name(socket.side));
    json.add("protocol", name(socket.record.protocol));
    json.add("uid", socket.record.uid);
    json.add("inode", socket.record.inode != 0 ? Json(socket.record.inode) : Json(nullptr));
    json.add("namespace", namespace_json(row));
    json.add("owner", owner_json(socket));
    json.add("began", text::rfc3339(socket.spans.front().began.time));
    json.add("leaked", time_or_null(socket.leaked));
    json.add("ended", time_or_null(socket.ended));
    json.add("how", socket.ended ? Json(text::printable(socket.how)) : Json(nullptr));
    json.add("dead", socket.dead());
    Duration lived{0};
    Json states = Json::array();
    for (std::size_t i = 0; i < socket.spans.size(); ++i) {
        const StateSpan& span = socket.spans[i];
        const Duration length = span_length(row, i, now);
        lived += length;
        states.push_back({{"state", name(span.state)},
                          {"custody", name(span.custody)},
                          {"cause", span.cause ? Json(name(*span.cause)) : Json(nullptr)},
                          {"age", name(span.dated)},
                          {"evidence", span.evidence ? Json(name(*span.evidence)) : Json(nullptr)},
                          {"began", text::rfc3339(span.began.time)},
                          {"seconds", text::seconds(length)}});
    }
    json.add("lived_seconds", text::seconds(lived));
    json.add("states", states);
    json.add("states_left_out", socket.spans_left_out);
    return json.dump();
}

}  // namespace halfclosed::history
