#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "records/port_range.h"

namespace halfclosed {

/// One recording as it was replayed.
struct ReplayedFile {
    std::string name;
    std::size_t sockets = 0;                      ///< that it holds
    std::size_t counted = 0;                      ///< of them, on the ports asked for
    std::optional<std::vector<PortRange>> ports;  ///< as netlink::Recording's
};

struct Replay {
    exporters::Snapshot snapshot;
    std::vector<ReplayedFile> files;
};

/// "8080,9000-9100".
std::string ports_text(const std::vector<PortRange>& ports);

/// Takes recordings for the polls of an observer, `interval` apart ("-" is standard input), and snapshots what they
/// show. A socket that the next recording does not have is gone: there is no kernel to ask. What no recording holds
/// (sockstat, sysctls) is absent.
/// Throws netlink::Error for a stream that is not whole, std::system_error for a file that cannot be read, and
/// std::invalid_argument for one that was recorded for other ports: that nothing of a port is in it says nothing.
Replay replay_recordings(const std::vector<std::string>& files, const std::vector<PortRange>& ports,
                         std::chrono::nanoseconds interval, const exporters::BuildInfo& build);

}  // namespace halfclosed
