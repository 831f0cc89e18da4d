#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "scenarios/packetdrill/script.h"
#include "scenarios/player/tun_device.h"

namespace halfclosed::scenarios {

/// How a script is played.
struct PlaySettings {
    std::string file;                 ///< its name, for the verdict
    std::filesystem::path directory;  ///< that files of commands are relative to
    TunDevice::Addresses addresses;
    std::chrono::microseconds tolerance{4'000};  ///< packetdrill's own
    /// The script sets up another operating system: its windows, options and buffers are not judged.
    bool foreign = false;
};

/// What a script's own options say, and the longer of its tolerance and `at_least`. Throws
/// packetdrill::NotSupportedError for an option that is not known, or has a value that is not.
PlaySettings settings_of(const packetdrill::Script& script, const std::string& path,
                         std::chrono::microseconds at_least);

}  // namespace halfclosed::scenarios
