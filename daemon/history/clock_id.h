#pragma once

#include <string>
#include <string_view>

namespace halfclosed::history {

/// The id that the kernel draws at each boot, from /proc/sys/kernel/random/boot_id (random(4)). Throws posix::Error.
std::string read_boot_id();

/// What names the clock that instants are of: the boot id, that it is the monotonic clock, and if this time namespace's
/// clock is ahead of the machine's or behind it, by how much ("…/monotonic+86400.0", time_namespaces(7)). Throws
/// posix::Error.
std::string read_clock_id();

/// How far /proc/PID/timens_offsets says that the monotonic clock is off: "86400.0" for a line "monotonic 86400 0";
/// empty if it is not. Throws posix::Error, in the name of `file`, if there is no such line.
std::string parse_clock_offset(std::string_view text, const std::string& file);

}  // namespace halfclosed::history
