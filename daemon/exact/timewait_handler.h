#pragma once

namespace halfclosed::exact {

/// Tells the programs in the kernel which function the timer of a minisock calls: by making a minisock on the loopback
/// interface of the calling thread's namespace, which they recognize by its cookie, or, where that interface is down,
/// by /proc/kallsyms, which shows addresses to CAP_SYSLOG only. `control`: the map of struct exact_control. Throws
/// posix::Error.
void learn_timewait_handler(int control);

}  // namespace halfclosed::exact
