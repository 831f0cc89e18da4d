#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/options.h"
#include "exporters/snapshot/snapshot.h"
#include "tracking/watched_ports.h"

namespace halfclosed {

struct Look {
    exporters::Snapshot snapshot;
    std::string hidden;  ///< whose processes could not be seen; empty: everybody's could
    std::optional<tracking::WatchedPorts>
        ports;  ///< those of the snapshot's labels; nothing: of the past
};

/// One poll of everything, for a person who waits for it. Throws std::runtime_error if the kernel gives no answer.
Look look_now(const CommonOptions& common, std::chrono::nanoseconds leak_after);

}  // namespace halfclosed
