#pragma once

#include <string>
#include <string_view>

namespace halfclosed::host {

/// The cgroup of a process, from the text of /proc/PID/cgroup (cgroups(7)): that of version 2, which is the one that
/// systemd makes, or, where a host has it for show and keeps its processes in the hierarchies of version 1, that of
/// systemd's own and then that of any other, if it is of a unit, a container or a machine. One
/// of a container, a pod or a machine goes before all. Empty if the text has none. A path from outside of our cgroup namespace
/// begins with "/..".
std::string parse_process_cgroup(std::string_view text);

}  // namespace halfclosed::host
