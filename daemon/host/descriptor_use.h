#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "records/descriptor_use.h"

namespace halfclosed::host {

/// The soft limit of "Max open files" in the text of /proc/PID/limits (fs/proc/base.c:proc_pid_limits); nothing if the
/// text has none. "unlimited" is the largest number.
std::optional<std::uint64_t> parse_open_files_limit(std::string_view limits);

/// The entries of a directory but "." and ".."; 0 if it cannot be read.
std::uint64_t count_entries(const std::string& directory);

/// What a process has open now, and what it may have. Nothing if it has ended or may not be looked at. The kernel
/// counts since Linux 6.2 (fs/proc/fd.c:proc_fd_getattr); before, the entries of /proc/PID/fd are counted.
std::optional<DescriptorUse> read_descriptor_use(pid_t pid, const std::string& proc = "/proc");

}  // namespace halfclosed::host
