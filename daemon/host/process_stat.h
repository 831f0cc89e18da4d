#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "posix/error.h"

namespace halfclosed::host {

/// The part of /proc/PID/stat that tells one process from another (fs/proc/array.c:do_task_stat).
struct ProcessStat {
    /// From outside: any bytes but NUL, newlines too; cut after 15, maybe inside a character.
    std::string comm;
    /// On the boot clock, to 10 ms. With the pid it names a process for good.
    std::chrono::nanoseconds started{0};

    bool operator==(const ProcessStat&) const = default;
};

/// Throws Error, in the name of `file`, when the text is cut or is none of stat.
ProcessStat parse_process_stat(std::string_view text, const std::string& file = "stat");

}  // namespace halfclosed::host
