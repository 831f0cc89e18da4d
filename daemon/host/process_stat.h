#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "posix/error.h"

namespace halfclosed::host {

/// Of /proc/PID/stat (fs/proc/array.c:do_task_stat), what tells one process from another and what it uses.
struct ProcessStat {
    /// From outside: any bytes but NUL, newlines too; cut after 15, maybe inside a character.
    std::string comm;
    /// On the boot clock, to 10 ms. With the pid it names a process for good.
    std::chrono::nanoseconds started{0};
    bool ended = false;  ///< the process, not its leader alone: a zombie that has no other thread
    std::chrono::nanoseconds cpu{0};  ///< user and system time of all its threads, to 10 ms
    std::uint64_t virtual_bytes = 0;
    std::uint64_t resident_pages = 0;

    bool operator==(const ProcessStat&) const = default;
};

/// Throws Error, in the name of `file`, when the text is cut or is none of stat.
ProcessStat parse_process_stat(std::string_view text, const std::string& file = "stat");

}  // namespace halfclosed::host
