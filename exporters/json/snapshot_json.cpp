#include "exporters/json/snapshot_json.h"

#include <algorithm>
#include <utility>

#include "exporters/snapshot/groups.h"
#include "exporters/snapshot/half_closed.h"
#include "exporters/snapshot/listing.h"
#include "exporters/snapshot/other_end.h"
#include "text/hex.h"
#include "text/json.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

using text::Json;

Json printable_or_null(const std::optional<std::string>& text) {
    return text ? Json(text::printable(*text)) : Json(nullptr);
}

Json owner_json(const Owner* owner) {
    static const Owner kNobodyKnown;
    const Owner& known = owner != nullptr ? *owner : kNobodyKnown;
    Json processes = Json::array();
    for (const Process& process : known.processes) {
        processes.push_back({{"pid", process.pid},
                             {"comm", text::printable(process.comm)},
                             {"fd", process.fd >= 0 ? Json(process.fd) : Json(nullptr)}});
    }
    return {{"name", text::printable(known.name)},
            {"unit", printable_or_null(known.unit)},
            {"cgroup", printable_or_null(known.cgroup)},
            {"processes", std::move(processes)}};
}

Json namespace_json(NamespaceId id, const Snapshot& snapshot) {
    if (id == NamespaceId{}) {
        return nullptr;
    }
    const auto known = snapshot.namespaces.watched.find(id);
    return {{"id", static_cast<std::uint64_t>(id)},
            {"name", known == snapshot.namespaces.watched.end()
                         ? Json(nullptr)
                         : printable_or_null(known->second.name)}};
}

/// `not_watched` is null where nobody could look, and where all are to be watched; `hidden` says why there may be more.
Json namespaces_json(const Namespaces& spaces) {
    return {
        {"watched", spaces.watched.size()},
        {"unreadable", spaces.unreadable},
        {"not_watched", spaces.not_watched ? Json(*spaces.not_watched) : Json(nullptr)},
        {"hidden", spaces.hidden.empty() ? Json(nullptr) : Json(text::printable(spaces.hidden))}};
}

Json expires_json(const tracking::TrackedSocket& socket) {
    const auto left = expires(socket);
    return left ? Json(text::seconds(*left)) : Json(nullptr);
}

Json other_end_json(const tracking::TrackedSocket* end, const Snapshot& snapshot) {
    if (end == nullptr) {
        return nullptr;
    }
    return {{"state", name(end->record.state)},
            {"owner", text::printable(owner_label(snapshot.owner(end->record)))},
            {"cause", end->cause ? Json(name(*end->cause)) : Json(nullptr)},
            {"expires_seconds", expires_json(*end)},
            {"namespace", namespace_json(end->record.netns, snapshot)}};
}

Json waits_for_json(const tracking::TrackedSocket& socket, const Snapshot& snapshot,
                    const OtherEnds& ends) {
    const auto stuck = ends.stuck(socket);
    return stuck && stuck->owner != owner_label(snapshot.owner(socket.record))
               ? Json(text::printable(stuck->owner))
               : Json(nullptr);
}

Json socket_json(const tracking::TrackedSocket& socket, const tracking::Age& age,
                 const Snapshot& snapshot, const OtherEnds& ends) {
    const SocketRecord& record = socket.record;
    // A minisock has neither: they are known where the full socket was seen, which had a cgroup.
    const bool minisock = socket.custody == tracking::Custody::timewait;
    const bool seen_in_full = !minisock || record.cgroup_id.has_value();
    Json json;
    json.add("cookie", text::cookie_text(record.cookie));
    json.add("family", name(record.family));
    json.add("local", local_address(identity(record), snapshot.interfaces_of(record)));
    json.add("remote", remote_address(identity(record), snapshot.interfaces_of(record)));
    json.add("port", socket.watched.port);
    json.add("side", name(socket.watched.side));
    json.add("state", name(record.state));
    json.add("custody", name(socket.custody));
    json.add("cause", socket.cause ? Json(name(*socket.cause)) : Json(nullptr));
    json.add("age_seconds", text::seconds(age.value));
    json.add("age", name(age.kind));
    json.add("recv_queue", record.recv_queue);
    json.add("send_queue", record.send_queue);
    json.add("uid", seen_in_full ? Json(record.uid) : Json(nullptr));
    json.add("inode", record.inode != 0 ? Json(record.inode) : Json(nullptr));
    json.add("expires_seconds", expires_json(socket));
    json.add("protocol", name(record.protocol));
    json.add("interface",
             record.interface == 0
                 ? Json(nullptr)
                 : Json(interface_name(record.interface, snapshot.interfaces_of(record))));
    json.add("namespace", namespace_json(record.netns, snapshot));
    json.add("other_end", other_end_json(ends.of(record), snapshot));
    json.add("waits_for", waits_for_json(socket, snapshot, ends));
    json.add("owner", owner_json(snapshot.owner(record)));
    return json;
}

/// In no table of the kernel's, so it has neither queues nor timers.
Json dead_json(const tracking::DeadSocket& dead, const Snapshot& snapshot, const OtherEnds& ends) {
    return socket_json(dead.socket, dead.age(snapshot.instant), snapshot, ends).add("dead", true);
}

Json descriptors_json(const DescriptorUse& use) {
    return {{"pid", use.pid}, {"used", use.used}, {"limit", use.limit}};
}

Json groups_json(const Snapshot& snapshot, const SnapshotQuery& query) {
    std::vector<Group> groups = groups_of(snapshot, query.by, query.filter);
    groups.resize(std::min(groups.size(), query.limit.value_or(groups.size())));
    const std::vector<std::string> names = group_keys(query.by);
    Json list = Json::array();
    for (const Group& group : groups) {
        Json json;
        for (std::size_t i = 0; i < names.size(); ++i) {
            json.add(names[i], text::printable(group.key[i]));
        }
        json.add("sockets", group.sockets);
        json.add("leaked", group.leaked);
        json.add("oldest_seconds", text::seconds(group.oldest.value));
        json.add("growth_per_hour",
                 group.growth_per_hour ? Json(*group.growth_per_hour) : Json(nullptr));
        json.add("descriptors",
                 group.descriptors ? descriptors_json(*group.descriptors) : Json(nullptr));
        json.add("seconds_left", group.time_left ? Json(group.time_left->count()) : Json(nullptr));
        list.push_back(json);
    }
    return list;
}

Json reconciliation_json(const tracking::Reconciliation& reconciliation) {
    Json json;
    for (const tracking::Count count : tracking::kCounts) {
        const tracking::Reconciled& reconciled = reconciliation[count];
        Json counts{{"counted", reconciled.counted},
                    {"kernel", reconciled.kernel},
                    {"agrees", reconciled.agrees}};
        if (count == tracking::Count::orphan) {
            counts.add("elsewhere", reconciled.elsewhere);
        }
        json.add(name(count), counts);
    }
    return json;
}

/// Socket by socket: a tree of all of them would take ten times as much memory as their text.
void add_sockets(std::string& text, const Snapshot& snapshot, const SnapshotQuery& query) {
    std::vector<ListedSocket> sockets = listing(snapshot, query.order, query.filter);
    sockets.resize(std::min(sockets.size(), query.limit.value_or(sockets.size())));
    const OtherEnds ends(snapshot);
    char before = '[';
    for (const ListedSocket& listed : sockets) {
        text += std::exchange(before, ',');
        text += (listed.dead ? dead_json(*listed.dead, snapshot, ends)
                             : socket_json(*listed.socket, listed.socket->age(snapshot.instant),
                                           snapshot, ends))
                    .dump();
    }
    text += sockets.empty() ? "[]" : "]";
}

}  // namespace

std::string snapshot_json(const Snapshot& snapshot, const SnapshotQuery& query) {
    Json json;
    json.add("schema", "halfclosed.snapshot/1");
    json.add("time", text::rfc3339(snapshot.time));
    std::string text = json.dump();
    text.back() = ',';  // for its brace
    text += "\"sockets\":";
    if (snapshot.closing) {
        add_sockets(text, snapshot, query);
    } else {
        text += "null";
    }
    Json rest;
    rest.add("without_detail", snapshot.without_detail.sockets);
    rest.add("reconciliation", snapshot.census && snapshot.census->reconciliation
                                   ? reconciliation_json(*snapshot.census->reconciliation)
                                   : Json(nullptr));
    rest.add("groups", snapshot.closing ? groups_json(snapshot, query) : Json(nullptr));
    rest.add("namespaces", namespaces_json(snapshot.namespaces));
    std::string end = rest.dump();
    end.front() = ',';
    text += end + "\n";
    text.shrink_to_fit();
    return text;
}

}  // namespace halfclosed::exporters
