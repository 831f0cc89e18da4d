#pragma once

#include <string>
#include <vector>

#include "exact/hooks.h"
#include "posix/file.h"

namespace halfclosed::exact {

/// The programs, loaded and attached, by the descriptors that hold them: when these are closed, programs and maps are
/// gone, unless they are pinned.
struct Programs {
    posix::Descriptor namespaces;
    posix::Descriptor counters;
    posix::Descriptor slot_counters;
    posix::Descriptor shared;
    posix::Descriptor sockets;
    posix::Descriptor control;
    posix::Descriptor faults;
    std::vector<posix::Descriptor> links;
    posix::Descriptor lock;  ///< of the pin directory
};

/// Loads and attaches them; with a directory, takes over those that are pinned there, or pins them. Throws posix::Error.
Programs load_programs(const Hooks& hooks, const std::string& pin_directory);

}  // namespace halfclosed::exact
