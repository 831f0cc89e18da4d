#pragma once

#include <chrono>
#include <string>

#include "scenarios/packetdrill/result.h"
#include "scenarios/packetdrill/script.h"

namespace halfclosed::scenarios {

struct PlayOptions {
    std::chrono::microseconds tolerance{0};  ///< of times, at least; a script may say more
    /// A descriptor that becomes readable when the run is to be given up; -1: none.
    int stop = -1;
};

/// What can be said of the script without playing it: nothing, or that it is not supported.
std::optional<packetdrill::Result> refusal(const packetdrill::Script& script,
                                           const std::string& path);

/// Plays a script in namespaces of its own, and judges the kernel and our reading of it. `path` is the script's: files of
/// commands are relative to it. Everything that was made for it is gone when it returns or throws. For use in a process
/// with one thread. Throws RefusedError where there can be no namespace or no TUN device, StoppedError, and
/// std::runtime_error.
packetdrill::Result play(const packetdrill::Script& script, const std::string& path,
                         const PlayOptions& options);

}  // namespace halfclosed::scenarios
