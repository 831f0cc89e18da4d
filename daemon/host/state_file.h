#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/known_sockets.h"

namespace halfclosed::host {

/// The id that the kernel draws at each boot, from /proc/sys/kernel/random/boot_id (random(4)).
/// Throws Error.
std::string read_boot_id();

/// The file that carries ages over a restart of the daemon: DIRECTORY/sockets. At any moment, also
/// after a kill or a loss of power, it is a whole one: the last that was saved, or the one before.
class StateFile {
 public:
    /// Nothing is touched yet. `boot_id` is the present boot's: another boot's sockets are not
    /// ours.
    StateFile(std::string directory, std::string boot_id)
        : directory_(std::move(directory)), boot_id_(std::move(boot_id)) {}

    std::string path() const { return directory_ + "/sockets"; }

    struct Loaded {
        std::vector<KnownSocket> sockets;      ///< of this boot, none dated later than `now`
        std::optional<std::string> complaint;  ///< one line, when there was a file that is not used
    };

    /// Reads the file. None, or one of another boot: no sockets, and no complaint. One that is
    /// damaged, foreign or unreadable is renamed to DIRECTORY/sockets.bad, where it replaces the
    /// one that was set aside before, and the complaint says so. Never throws Error. `now` is the
    /// boot clock's.
    Loaded load(std::chrono::nanoseconds now) const;

    /// Replaces the file: writes a new one beside it, syncs, renames, syncs the directory. Throws
    /// Error, and the old file stays, when that cannot be done.
    void save(std::vector<KnownSocket> sockets) const;

 private:
    std::string set_aside() const;

    std::string directory_;
    std::string boot_id_;
};

}  // namespace halfclosed::host
