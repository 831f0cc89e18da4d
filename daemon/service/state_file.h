#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/known_sockets.h"

namespace halfclosed::host {

/// The id that the kernel draws at each boot, from /proc/sys/kernel/random/boot_id (random(4)).
/// Throws Error.
std::string read_boot_id();

/// What names the clock that instants are of: the boot id, that it is the monotonic clock, and if this time namespace's
/// clock is ahead of the machine's or behind it, by how much ("…/monotonic+86400.0", time_namespaces(7)). Throws Error.
std::string read_clock_id();

/// How far /proc/PID/timens_offsets says that the monotonic clock is off: "86400.0" for a line "monotonic 86400 0";
/// empty if it is not. Throws Error, in the name of `file`, if there is no such line.
std::string parse_clock_offset(std::string_view text, const std::string& file);

/// The file that carries ages over a restart of the daemon: DIRECTORY/sockets. At any moment, also
/// after a kill or a loss of power, it is a whole one: the last that was saved, or the one before.
class StateFile {
 public:
    /// Nothing is touched yet. `boot_id` names the present boot and its clock: what is dated by another one is not
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
    /// monotonic clock's.
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
