#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "exporters/snapshot/snapshot.h"
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

/// Where to look now for what is to be compared with how it was: at the ports that were asked for, else at those of which
/// the history in the directory tells since then. Throws as history::read_from().
std::vector<PortRange> ports_to_compare(const CommonOptions& common, const std::string& directory,
                                        WallTime since);

/// Takes out of `before` what is in a network namespace in which `now` did not look; how many sockets that are.
std::size_t leave_out_elsewhere(exporters::Snapshot& before, const exporters::Snapshot& now);

}  // namespace halfclosed
