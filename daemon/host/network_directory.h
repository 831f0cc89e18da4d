#pragma once

namespace halfclosed::host {

/// Where the kernel shows the network namespace of the calling thread. /proc/net would be that of
/// the process' first thread, which stays where it is when another thread calls setns()
/// (fs/proc/proc_net.c:get_proc_task_net).
inline constexpr const char* kNetworkDirectory = "/proc/thread-self/net";

}  // namespace halfclosed::host
