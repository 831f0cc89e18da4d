#pragma once

#include <string>
#include <vector>

#include "exact/kernel_types.h"
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
    std::vector<std::string>
        left_out;  ///< a line for each program that this kernel has no place for
};

/// Whether this kernel tells which socket a packet is dropped for (since Linux 6.11), and so that a minisock goes from
/// FIN-WAIT-2 to TIME-WAIT.
bool tells_drops(const KernelTypes& types);

/// Loads and attaches them; with a directory, takes over those that are pinned there, or pins them. Throws posix::Error.
Programs load_programs(const KernelTypes& types, const std::string& pin_directory);

}  // namespace halfclosed::exact
