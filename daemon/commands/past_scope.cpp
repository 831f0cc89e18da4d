#include "commands/past_scope.h"

#include <algorithm>

#include "netlink/session.h"

namespace halfclosed {

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

}  // namespace halfclosed
