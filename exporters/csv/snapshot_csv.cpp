#include "exporters/csv/snapshot_csv.h"

#include <array>
#include <optional>

#include "exporters/snapshot/addresses.h"
#include "exporters/snapshot/half_closed.h"
#include "exporters/snapshot/namespace_text.h"
#include "exporters/snapshot/other_end.h"
#include "text/hex.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

std::string field(const std::string& outside) {
    std::string text = text::printable(outside);
    if (!text.empty() && std::string("=+-@").find(text.front()) != std::string::npos) {
        text.insert(text.begin(), '\'');
    }
    if (text.find_first_of(",\"") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char letter : text) {
        quoted += letter == '"' ? "\"\"" : std::string(1, letter);
    }
    return quoted + "\"";
}

std::string field(const std::optional<std::string>& outside) {
    return outside ? field(*outside) : "";
}

std::string line(const std::vector<std::string>& fields) {
    std::string text;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        text += (i == 0 ? "" : ",") + fields[i];
    }
    return text + "\n";
}

/// To a millisecond.
std::string seconds(std::chrono::nanoseconds duration) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f",
                  std::chrono::duration<double>(duration).count());
    return text.data();
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

std::string processes(const Owner& owner) {
    std::string pids;
    for (const Process& process : owner.processes) {
        pids += (pids.empty() ? "" : " ") + std::to_string(process.pid);
    }
    return pids;
}

}  // namespace

std::string sockets_csv(const Snapshot& snapshot, const std::vector<ListedSocket>& sockets) {
    static const Owner kNobodyKnown;
    std::string text = line({"cookie",
                             "family",
                             "local",
                             "remote",
                             "port",
                             "side",
                             "state",
                             "custody",
                             "cause",
                             "age_seconds",
                             "age",
                             "recv_queue",
                             "send_queue",
                             "uid",
                             "inode",
                             "expires_seconds",
                             "protocol",
                             "interface",
                             "dead",
                             "owner",
                             "unit",
                             "cgroup",
                             "processes",
                             "namespace",
                             "other_end_state",
                             "other_end_owner"});
    const OtherEnds ends(snapshot);
    for (const ListedSocket& listed : sockets) {
        const tracking::TrackedSocket& socket = *listed.socket;
        const SocketRecord& record = socket.record;
        const tracking::Age age = listed.age(snapshot.instant);
        const bool minisock = socket.custody == tracking::Custody::timewait;
        const auto left = expires(socket);
        const Owner* const known = snapshot.owner(record);
        const Owner& owner = known == nullptr ? kNobodyKnown : *known;
        const tracking::TrackedSocket* const end = ends.of(record);
        text += line({text::cookie_text(record.cookie),
                      name(record.family),
                      local_address(identity(record), snapshot.interfaces_of(record)),
                      remote_address(identity(record), snapshot.interfaces_of(record)),
                      std::to_string(socket.watched.port),
                      name(socket.watched.side),
                      name(record.state),
                      name(socket.custody),
                      socket.cause ? name(*socket.cause) : "",
                      seconds(age.value),
                      name(age.kind),
                      std::to_string(record.recv_queue),
                      std::to_string(record.send_queue),
                      minisock && !record.cgroup_id ? "" : std::to_string(record.uid),
                      record.inode == 0 ? "" : std::to_string(record.inode),
                      left ? seconds(*left) : "",
                      name(record.protocol),
                      record.interface == 0
                          ? ""
                          : field(interface_name(record.interface, snapshot.interfaces_of(record))),
                      listed.dead != nullptr ? "true" : "false",
                      field(owner.name),
                      field(owner.unit),
                      field(owner.cgroup),
                      processes(owner),
                      field(namespace_name(record, snapshot)),
                      end == nullptr ? "" : name(end->record.state),
                      end == nullptr ? "" : field(owner_label(snapshot.owner(end->record)))});
    }
    return text;
}

std::string groups_csv(const std::vector<Group>& groups, GroupBy by) {
    std::vector<std::string> names = group_keys(by);
    names.insert(names.end(), {"sockets", "leaked", "oldest_seconds", "oldest", "growth_per_hour",
                               "descriptors", "descriptors_limit", "seconds_left"});
    std::string text = line(names);
    for (const Group& group : groups) {
        std::vector<std::string> fields;
        for (const std::string& key : group.key) {
            fields.push_back(field(key));
        }
        const auto& use = group.descriptors;
        fields.insert(fields.end(),
                      {std::to_string(group.sockets), std::to_string(group.leaked),
                       seconds(group.oldest.value), name(group.oldest.kind),
                       group.growth_per_hour ? number(*group.growth_per_hour) : "",
                       use ? std::to_string(use->used) : "", use ? std::to_string(use->limit) : "",
                       group.time_left ? std::to_string(group.time_left->count()) : ""});
        text += line(fields);
    }
    return text;
}

}  // namespace halfclosed::exporters
