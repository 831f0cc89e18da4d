#include "exporters/terminal/socket_lines.h"

#include <algorithm>
#include <utility>

#include "exporters/snapshot/explanation.h"
#include "exporters/snapshot/leaks.h"
#include "exporters/snapshot/namespace_text.h"
#include "exporters/snapshot/other_end.h"
#include "text/hex.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

std::string queues_text(const ListedSocket& listed) {
    const SocketRecord& record = listed.socket->record;
    return listed.dead != nullptr
               ? "-"
               : std::to_string(record.recv_queue) + "/" + std::to_string(record.send_queue);
}

std::string processes_text(const Owner* owner, bool all) {
    std::string text;
    for (const Process& process : owner == nullptr ? std::vector<Process>{} : owner->processes) {
        text += (text.empty() ? "" : ", ") + std::to_string(process.pid) + " (" +
                text::printable(process.comm) + ")";
        if (!all) {
            break;
        }
    }
    return text;
}

std::string or_dash(std::string text) {
    return text.empty() ? "-" : std::move(text);
}

text::Paint paint_of(const ListedSocket& listed, const Snapshot& snapshot) {
    if (listed.dead != nullptr || is_leaked(*listed.socket, snapshot)) {
        return text::Paint::red;
    }
    return listed.socket->record.state == TcpState::close_wait ? text::Paint::yellow
                                                               : text::Paint::plain;
}

constexpr const char* kRemote = "REMOTE";
constexpr const char* kQueues = "RECV/SEND";
constexpr const char* kOwnerTitle = "OWNER";
constexpr std::size_t kShortestRemote = 12;

/// What the owners' names take, without their processes; of a long one a part will do.
std::size_t owner_width(const Snapshot& snapshot, const std::vector<ListedSocket>& sockets) {
    constexpr std::size_t kEnough = 20;
    std::size_t width = 0;
    for (const ListedSocket& listed : sockets) {
        const Owner* const owner = snapshot.owner(listed.socket->record);
        width = std::max(width, text::columns(text::printable(owner_label(owner))));
    }
    return std::min(width, kEnough);
}

ColumnTable lines(const Snapshot& snapshot, const std::vector<ListedSocket>& sockets,
                  bool local_is_port) {
    ColumnTable table({{"AGE", true}, {"CAUSE"}, {"LOCAL"}, {kRemote}, {kQueues}, {kOwnerTitle}});
    for (const ListedSocket& listed : sockets) {
        const SocketRecord& record = listed.socket->record;
        const Owner* const owner = snapshot.owner(record);
        const std::string process = processes_text(owner, false);
        table.add(
            {age_text(listed.age(snapshot.instant)), kind_of(listed),
             local_is_port ? ":" + std::to_string(record.local.port)
                           : bound_address(identity(record), snapshot.interfaces_of(record)),
             remote_address(identity(record), snapshot.interfaces_of(record)), queues_text(listed),
             process.empty() || owner_label(owner) != kUnknownOwner
                 ? text::printable(owner_label(owner)) + (process.empty() ? "" : " " + process)
                 : process},
            paint_of(listed, snapshot));
    }
    return table;
}

}  // namespace

ColumnTable socket_lines(const Snapshot& snapshot, const std::vector<ListedSocket>& sockets,
                         std::size_t width) {
    const std::size_t wanted = owner_width(snapshot, sockets);
    const auto missing = [width, wanted](const ColumnTable& table) {
        const std::size_t needed =
            table.without({kOwnerTitle}).width() + ColumnTable::kGap + wanted;
        return needed > width ? needed - width : 0;
    };
    ColumnTable table = lines(snapshot, sockets, false);
    if (missing(table) > 0) {
        table = table.without({kQueues});
    }
    if (missing(table) > 0) {
        table = lines(snapshot, sockets, true).without({kQueues});
    }
    return table.narrowed(kRemote, missing(table), kShortestRemote);
}

ColumnTable wide_socket_lines(const Snapshot& snapshot, const std::vector<ListedSocket>& sockets) {
    ColumnTable table({{"AGE", true},
                       {"STATE"},
                       {"CAUSE"},
                       {"LOCAL"},
                       {"REMOTE"},
                       {"SIDE"},
                       {"HELD BY"},
                       {"RECV/SEND"},
                       {"PROTOCOL"},
                       {"UID", true},
                       {"INODE", true},
                       {"COOKIE", true},
                       {"OWNER"},
                       {"PROCESSES"},
                       {"NAMESPACE"},
                       {"OTHER END"},
                       {"WHY"}});
    const OtherEnds ends(snapshot);
    for (const ListedSocket& listed : sockets) {
        const tracking::TrackedSocket& socket = *listed.socket;
        const SocketRecord& record = socket.record;
        const Owner* const owner = snapshot.owner(record);
        const bool minisock = socket.custody == tracking::Custody::timewait;
        table.add({age_text(listed.age(snapshot.instant)),
                   listed.dead != nullptr ? "dead" : name(record.state),
                   socket.cause ? name(*socket.cause) : "-",
                   bound_address(identity(record), snapshot.interfaces_of(record)),
                   remote_address(identity(record), snapshot.interfaces_of(record)),
                   name(socket.watched.side), name(socket.custody), queues_text(listed),
                   name(record.protocol),
                   minisock && !record.cgroup_id ? "-" : std::to_string(record.uid),
                   record.inode == 0 ? "-" : std::to_string(record.inode),
                   text::cookie_text(record.cookie), text::printable(owner_label(owner)),
                   processes_text(owner, true), or_dash(namespace_name(record, snapshot)),
                   or_dash(other_end_text(socket, ends, snapshot)),
                   listed.dead != nullptr ? why(*listed.dead, snapshot.instant)
                                          : why(socket, snapshot.instant)},
                  paint_of(listed, snapshot));
    }
    return table;
}

}  // namespace halfclosed::exporters
