#include "commands/past_scope.h"

#include <algorithm>

#include "history/history_query.h"
#include "netlink/session.h"

namespace halfclosed {

namespace {

/// Of more ports the history tells only if every one is watched.
constexpr std::size_t kMostNamed = 64;

}  // namespace

bool PastScope::has(std::uint16_t port, NamespaceId id) const {
    const auto has_port = [port](const PortRange& range) {
        return range.first <= port && port <= range.last;
    };
    return (ports.empty() || std::any_of(ports.begin(), ports.end(), has_port)) &&
           (!netns || id == *netns);
}

PastScope past_scope(const CommonOptions& common) {
    PastScope scope;
    if (common.ports_given) {
        scope.ports = common.ports;
    }
    if (common.namespaces_given && !common.all_namespaces) {
        scope.netns = netlink::Session().netns();
    }
    return scope;
}

std::vector<PortRange> ports_to_compare(const CommonOptions& common, const std::string& directory,
                                        WallTime since) {
    if (common.ports_given) {
        return common.ports;
    }
    const auto ports =
        history::read_from(directory, [since](const history::Connection& connection) {
            return history::ports_since(connection, since);
        });
    if (ports.empty()) {
        return common.ports;
    }
    if (ports.size() > kMostNamed) {
        return {kEveryPort};
    }
    std::vector<PortRange> ranges;
    ranges.reserve(ports.size());
    for (const std::uint16_t port : ports) {
        ranges.push_back({port, port});
    }
    return ranges;
}

std::size_t leave_out_elsewhere(exporters::Snapshot& before, const exporters::Snapshot& now) {
    const auto elsewhere = [&now](const tracking::TrackedSocket& socket) {
        const NamespaceId id = socket.record.netns;
        return id != NamespaceId{} && !now.namespaces.watched.contains(id);
    };
    return std::erase_if(before.sockets, elsewhere) +
           std::erase_if(before.dead, [&elsewhere](const tracking::DeadSocket& dead) {
               return elsewhere(dead.socket);
           });
}

}  // namespace halfclosed
