#pragma once

#include "exact/bpf/layout_in_cpp.h"
#include "records/exact_counts.h"

namespace halfclosed::exact {

// A socket in the kernel's table, to and from the record that everybody knows.

/// What the reader knows of this machine.
struct Reading {
    bool with_threads = false;  ///< their numbers are those of our own PID namespace
    std::chrono::nanoseconds tick{
        0};  ///< a jiffy's length; 0: what becomes of minisocks is not told
};
ExactSocket socket_of(std::uint64_t cookie, const exact_socket& value, const Reading& reading);

/// How long a jiffy is: a coarse clock goes on with each (kernel/time/posix-timers.c:posix_get_coarse_res).
std::chrono::nanoseconds tick();

/// Of a dump's row: since when is not known.
exact_socket value_of(const ExactKey& key, const SocketRecord& record);

/// The kernel's programs tell threads as the initial PID namespace numbers them (include/linux/proc_ns.h).
bool sees_all_threads();

}  // namespace halfclosed::exact
