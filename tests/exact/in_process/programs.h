#pragma once

#include <functional>

#include "exact/bpf/layout_in_cpp.h"

// The programs for the kernel (daemon/exact/bpf), compiled for this process. For one thread and one test at a time.
namespace halfclosed::in_process {

/// Watches this port of one namespace, on memory and a hash like theirs; nothing is counted yet.
void begin(exact_shared& memory, int hash, __u16 port);

/// A step of a socket of that port, which the kernel tells each program that is attached to it.
void take_step(__u64 cookie, int from, int to);

/// Once, in the next step: when the place is chosen and is about to be filled.
void while_filling(std::function<void()> act);

/// The kernel destroys the socket.
void destroy(__u64 cookie);

/// How often this was counted.
__u64 counted(exact_counter counter);

}  // namespace halfclosed::in_process
