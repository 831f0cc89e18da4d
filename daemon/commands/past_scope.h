#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cli/options.h"
#include "history/recorded_socket.h"
#include "records/namespace_id.h"
#include "records/port_range.h"

namespace halfclosed {

/// Which sockets of a history a command tells of: all that were watched, but for what somebody asked for.
struct PastScope {
    std::vector<PortRange> ports;      ///< none: of all
    std::optional<NamespaceId> netns;  ///< nothing: of all

    bool has_all() const { return ports.empty() && !netns; }
    bool has(std::uint16_t port, NamespaceId id) const;
    bool has(const history::RecordedSocket& socket) const {
        return has(socket.port, socket.record.netns);
    }
};

/// What --port and --namespaces say, where they are given. Throws netlink::Error if our own namespace is asked for and not
/// known.
PastScope past_scope(const CommonOptions& common);

}  // namespace halfclosed
