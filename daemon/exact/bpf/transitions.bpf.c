// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0

/* Counts, in the kernel, every step of the closing half of TCP of the watched ports and namespaces, and every reset of
 * them; and keeps a table of the sockets that are half-closed, with the moment in which each came into its state.
 *
 * A full socket's steps are told by inet_sock_set_state. What is left of a closed socket, a minisock, takes its steps
 * untold; its timer tells its birth and its end, and the packet that made it go from FIN-WAIT-2 to TIME-WAIT is dropped,
 * which is told too. The timers of the whole system pass here: the function that a minisock's timer calls tells them.
 *
 * The kernel does not run a program that is running on the same processor already (kernel/trace/bpf_trace.c:
 * __bpf_trace_run): while a system call takes a step, an interrupt may let a hundred packets make steps, and each would be
 * lost. So each program whose loss would matter is attached twice. Both cannot be running at once, and of the two runs of
 * an event one does the work: the first, which leaves a mark for the other.
 *
 * Even so an event may be told to no program: some kernels run none while a process that they shield is on the processor,
 * whose time an interrupt takes for a batch of packets. The table says in which state a socket was last seen. Its next
 * event says in which it is, and the steps between the two are counted then: one way only leads there. */

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include "minisocks.h"
#include "resets.h"
#include "steps.h"

char LICENSE[] SEC("license") = "GPL"; /* one of the two that the first line offers */
