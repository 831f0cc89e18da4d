#pragma once

#include <chrono>
#include <string>

#include "cli/options.h"
#include "exporters/snapshot/snapshot.h"

namespace halfclosed {

struct Look {
    exporters::Snapshot snapshot;
    std::string hidden;  ///< whose processes could not be seen; empty: everybody's could
};

/// One poll of everything, for a person who waits for it. Throws std::runtime_error if the kernel gives no answer.
Look look_now(const CommonOptions& common, std::chrono::nanoseconds leak_after);

}  // namespace halfclosed
