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
 * lost. So each program that may be interrupted is attached twice. Both cannot be running at once, and of the two runs of
 * an event one does the work: the first, which leaves a mark for the other.
 *
 * Even so an event may be told to no program: some kernels run none while a process that they shield is on the processor,
 * whose time an interrupt takes for a batch of packets. The table says in which state a socket was last seen. Its next
 * event says in which it is, and the steps between the two are counted then: one way only leads there. */

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_endian.h>
#include "layout.h"

char LICENSE[] SEC("license") = "GPL"; /* one of the two that the first line offers */

#define LARGEST_SOCKET_TABLE 131072
#define LARGEST_COUNTER_TABLE 16384
#define MOST_NAMESPACES 2048

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, MOST_NAMESPACES);
    __type(key, __u64);
    __type(value, struct exact_namespace);
} namespaces SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, LARGEST_COUNTER_TABLE);
    __type(key, struct exact_key);
    __type(value, struct exact_counters);
} counters SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, LARGEST_SOCKET_TABLE);
    __type(key, __u64);
    __type(value, struct exact_socket);
} sockets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct exact_control);
} control SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct exact_faults);
} faults SEC(".maps");

/* What one event tells the next one on the same processor. */
struct moment {
    __u64 cancelled;        /* the timer that was cancelled last, */
    __u64 cancelled_cookie; /* and whose it is */
    __u64 made_cookie;      /* the socket of which a minisock was made last, */
    __u64 made_state;       /* and in which state */
    __u64 reset_cookie;     /* the socket that took a reset last */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct moment);
} moments SEC(".maps");

/* So many that events which interrupt one another hardly ever share one: a mark that is lost counts an event twice. */
#define MARKS 4096

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, MARKS);
    __type(key, __u32);
    __type(value, __u64);
} marks SEC(".maps");

enum event {
    STATE_EVENT = 1,
    SENT_EVENT,
    RECEIVED_EVENT,
};

/* Whether the other of the two programs has done this event's work; if not, it is done by who asks. */
static __always_inline int is_done(const void *object, enum event event, __u32 what) {
    __u64 address = 0; /* a number: the verifier lets nobody compute with a pointer */
    bpf_probe_read_kernel(&address, sizeof address, &object);
    const __u32 index = (__u32)(address >> 6 ^ address >> 14) & (MARKS - 1);
    const __u64 mark = address ^ (__u64)event << 60 ^ (__u64)what << 48;
    __u64 *place = bpf_map_lookup_elem(&marks, &index);
    if (!place) {
        return 0;
    }
    if (*place == mark) {
        *place = 0;
        return 1;
    }
    *place = mark;
    return 0;
}

static const struct exact_counters kNoCounters = {};

static __always_inline struct moment *this_moment(void) {
    const __u32 zero = 0;
    return bpf_map_lookup_elem(&moments, &zero);
}

static __always_inline struct exact_faults *this_faults(void) {
    const __u32 zero = 0;
    return bpf_map_lookup_elem(&faults, &zero);
}

/* The compiler knows that this is never more, and would leave out the bound; the verifier of 6.1 does not, once the bytes of
 * a port were swapped. */
static __always_inline __u32 word_of(__u16 port) {
    __u32 word = port >> 6;
    asm volatile("" : "+r"(word));
    return word & (EXACT_PORT_WORDS - 1);
}

static __always_inline int has(const __u64 *ports, __u16 port) {
    return (ports[word_of(port)] >> (port & 63)) & 1;
}

static __always_inline void note_listener(struct exact_namespace *ns, __u16 port) {
    if (port != 0 && !has(ns->listened, port)) {
        __sync_fetch_and_or(&ns->listened[word_of(port)], 1ULL << (port & 63));
    }
}

/* Of which watched port a socket with these ports is, and on which side. */
static __noinline int match(const struct exact_namespace *ns, __u64 cookie, __u16 local, __u16 remote,
                                 struct exact_key *key) {
    const int local_watched = ns->every_port || has(ns->watched, local);
    __builtin_memset(key, 0, sizeof *key);
    key->namespace_cookie = cookie;
    if (local_watched && has(ns->listened, local)) {
        key->port = local;
        key->server = 1;
        return 1;
    }
    if (remote != 0 && (ns->every_port || has(ns->watched, remote))) {
        key->port = remote;
        return 1;
    }
    if (local_watched && !ns->every_port) {
        key->port = local;
        return 1;
    }
    return 0;
}

static __noinline struct exact_counters *counters_of(struct exact_key *key) {
    struct exact_counters *found = bpf_map_lookup_elem(&counters, key);
    if (found) {
        return found;
    }
    bpf_map_update_elem(&counters, key, &kNoCounters, BPF_NOEXIST);
    found = bpf_map_lookup_elem(&counters, key);
    if (found) {
        return found;
    }
    struct exact_faults *fault = this_faults();
    if (fault) {
        fault->counters_full += 1;
    }
    key->port = 0;
    return bpf_map_lookup_elem(&counters, key);
}

/* Interrupts come in between, but none on this processor between reading and writing that counts the same key: all that
 * counts runs with preemption off, and a nested event is whole before this one goes on. */
static __noinline void count(struct exact_key *key, __u32 counter) {
    struct exact_counters *found = counters_of(key);
    if (found && counter < EXACT_COUNTERS) {
        __sync_fetch_and_add(&found->values[counter], 1);
    }
}

static __noinline void take_back(struct exact_key *key, __u32 counter) {
    struct exact_counters *found = counters_of(key);
    if (found && counter < EXACT_COUNTERS) {
        __sync_fetch_and_add(&found->values[counter], -1);
    }
}

/* The counter of an edge; a number below 0 for one that is not counted. A socket of TCP Fast Open goes past ESTABLISHED. */
static __always_inline int edge(int from, int to) {
    switch (from) {
    case TCP_SYN_RECV:
    case TCP_ESTABLISHED:
        return to == TCP_FIN_WAIT1    ? EXACT_ESTABLISHED_FIN_WAIT1
               : to == TCP_CLOSE_WAIT ? EXACT_ESTABLISHED_CLOSE_WAIT
                                      : -1;
    case TCP_FIN_WAIT1:
        return to == TCP_FIN_WAIT2 ? EXACT_FIN_WAIT1_FIN_WAIT2
               : to == TCP_CLOSING ? EXACT_FIN_WAIT1_CLOSING
               : to == TCP_CLOSE   ? EXACT_FIN_WAIT1_CLOSE
                                   : -1;
    case TCP_FIN_WAIT2:
        return to == TCP_CLOSE ? EXACT_FIN_WAIT2_CLOSE : -1;
    case TCP_CLOSING:
        return to == TCP_CLOSE ? EXACT_CLOSING_CLOSE : -1;
    case TCP_CLOSE_WAIT:
        return to == TCP_LAST_ACK ? EXACT_CLOSE_WAIT_LAST_ACK : to == TCP_CLOSE ? EXACT_CLOSE_WAIT_CLOSE : -1;
    case TCP_LAST_ACK:
        return to == TCP_CLOSE ? EXACT_LAST_ACK_CLOSE : -1;
    default:
        return -1;
    }
}

/* Every pointer that a program follows by itself makes the verifier look for its type by name in all of the kernel's, a
 * millisecond each (kernel/bpf/verifier.c:btf_nested_type_is_trusted): these are read as numbers. */
static __always_inline __u64 namespace_of(const struct sock *sk) {
    return BPF_CORE_READ(sk, __sk_common.skc_net.net, net_cookie);
}

static __always_inline __u16 local_port(const struct sock *sk) {
    /* skc_num is 0 already when a socket goes to CLOSE. */
    return bpf_ntohs(BPF_CORE_READ((const struct inet_sock *)sk, inet_sport));
}

/* A subflow of an MPTCP connection is none of its application's sockets. */
static __always_inline int is_subflow(const struct sock *sk) {
    return bpf_core_field_exists(((struct tcp_sock *)0)->is_mptcp) &&
           BPF_CORE_READ((const struct tcp_sock *)sk, is_mptcp);
}

static __always_inline void put_addresses(struct exact_socket *socket, const struct sock_common *common) {
    socket->ipv6 = BPF_CORE_READ(common, skc_family) == AF_INET6;
    if (socket->ipv6) {
        BPF_CORE_READ_INTO(&socket->local, common, skc_v6_rcv_saddr.in6_u.u6_addr8);
        BPF_CORE_READ_INTO(&socket->remote, common, skc_v6_daddr.in6_u.u6_addr8);
    } else {
        BPF_CORE_READ_INTO((__be32 *)&socket->local, common, skc_rcv_saddr);
        BPF_CORE_READ_INTO((__be32 *)&socket->remote, common, skc_daddr);
    }
    socket->interface = (__u32)BPF_CORE_READ(common, skc_bound_dev_if);
}

static __always_inline void insert(__u64 cookie, const struct exact_socket *socket) {
    if (bpf_map_update_elem(&sockets, &cookie, socket, BPF_ANY) != 0) {
        struct exact_faults *fault = this_faults();
        if (fault) {
            fault->sockets_full += 1;
        }
    }
}

/* The steps that a full socket took untold, before one that begins in `from`. When it took them nobody knows. */
static __noinline void catch_up(struct exact_socket *known, struct exact_key *key, int from) {
    const int skipped = edge(known->state, from);
    if (skipped >= 0 && from != TCP_CLOSE) {
        count(key, (__u32)skipped);
        known->state = (__u8)from;
        known->since = 0;
    }
}

static __always_inline void enter(struct exact_socket *socket, __u8 state) {
    socket->state = state;
    socket->since = bpf_ktime_get_ns();
    if (state < EXACT_STATES) {
        socket->entered[state] = socket->since;
    }
}

/* Puts a socket into the table, in `state`. */
static __noinline void follow(const struct sock *sk, __u64 cookie, const struct exact_key *key, __u8 state,
                                   __u8 minisock) {
    struct exact_socket socket = {};
    socket.namespace_cookie = key->namespace_cookie;
    socket.port = key->port;
    socket.server = key->server;
    socket.local_port = local_port(sk);
    socket.remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
    socket.minisock = minisock;
    socket.held = state == TCP_CLOSE_WAIT && BPF_CORE_READ(sk, sk_socket) != 0;
    put_addresses(&socket, &sk->__sk_common);
    enter(&socket, state);
    insert(cookie, &socket);
}

static __always_inline __u8 minisock_of(const struct exact_socket *known, __u64 cookie) {
    const struct moment *moment = this_moment();
    if (known) {
        return known->minisock;
    }
    return moment && moment->made_cookie == cookie ? (__u8)moment->made_state : 0;
}

/* The time of a full socket in FIN-WAIT-2 that nobody holds was up (net/ipv4/tcp_timer.c:tcp_keepalive_timer). */
static __always_inline int time_was_up(const struct sock *sk) {
    if (!bpf_core_field_exists(sk->sk_timer) || ((sk->__sk_common.skc_flags >> SOCK_DEAD_BIT) & 1) == 0) {
        return 0;
    }
    const unsigned long expires = sk->sk_timer.expires;
    return expires != 0 && (long)(bpf_jiffies64() - expires) >= 0;
}

/* A full socket is done. What it leaves: nothing, a minisock, or a descriptor. */
static __always_inline void finish(const struct sock *sk, __u64 cookie, struct exact_key *key, int from, int counter,
                                   int keep) {
    struct exact_socket *known = bpf_map_lookup_elem(&sockets, &cookie);
    const __u8 minisock = minisock_of(known, cookie);
    if (known) {
        catch_up(known, key, from);
    }
    if (minisock == TCP_FIN_WAIT2) {
        if (!known) {
            follow(sk, cookie, key, TCP_FIN_WAIT2, minisock);
        }
        return; /* still in FIN-WAIT-2 */
    }
    if (minisock == TCP_TIME_WAIT) {
        counter = from == TCP_CLOSING ? EXACT_CLOSING_TIME_WAIT : EXACT_FIN_WAIT2_TIME_WAIT;
    } else if (from == TCP_FIN_WAIT2 && time_was_up(sk)) {
        count(key, EXACT_FIN_WAIT2_EXPIRED);
    }
    count(key, (__u32)counter);
    if (!known) {
        return;
    }
    if (minisock == TCP_TIME_WAIT && keep) {
        enter(known, TCP_TIME_WAIT);
    } else if (keep || ((from == TCP_CLOSE_WAIT || from == TCP_LAST_ACK) && BPF_CORE_READ(sk, sk_socket))) {
        enter(known, TCP_CLOSE); /* until tcp_destroy_sock */
    } else {
        bpf_map_delete_elem(&sockets, &cookie);
    }
}

static __always_inline int take_step(const struct sock *sk, int from, int to) {
    const int counter = edge(from, to);
    if (counter < 0 && to != TCP_LISTEN) {
        return 0;
    }
    const __u64 space = namespace_of(sk);
    struct exact_namespace *ns = bpf_map_lookup_elem(&namespaces, &space);
    if (!ns || sk->sk_protocol != IPPROTO_TCP || is_done(sk, STATE_EVENT, (__u32)(from << 4 | to))) {
        return 0;
    }
    const __u16 local = local_port(sk);
    if (to == TCP_LISTEN || sk->sk_max_ack_backlog != 0) {
        note_listener(ns, local); /* a child has its listener's backlog */
    }
    struct exact_key key;
    if (to == TCP_LISTEN || !match(ns, space, local, bpf_ntohs(sk->__sk_common.skc_dport), &key)) {
        return 0;
    }
    const __u64 cookie = bpf_get_socket_cookie((void *)sk);
    if (is_subflow(sk)) {
        const __u8 minisock = to == TCP_CLOSE ? minisock_of(0, cookie) : 0;
        if (minisock == TCP_FIN_WAIT2) {
            count(&key, EXACT_FOREIGN_FIN_WAIT2);
            follow(sk, cookie, &key, TCP_FIN_WAIT2, minisock);
        } else if (minisock == TCP_TIME_WAIT) {
            count(&key, EXACT_FOREIGN_TIME_WAIT);
        }
        return 0;
    }
    if (to == TCP_CLOSE) {
        finish(sk, cookie, &key, from, counter, ns->keep != 0);
        return 0;
    }
    struct exact_socket *known = bpf_map_lookup_elem(&sockets, &cookie);
    if (known && known->state == to) {
        return 0; /* the other program did it, and its mark was lost */
    }
    if (known) {
        catch_up(known, &key, from);
    }
    count(&key, (__u32)counter);
    if (known) {
        enter(known, (__u8)to);
    } else {
        follow(sk, cookie, &key, (__u8)to, 0);
    }
    return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(set_state, const struct sock *sk, int from, int to) {
    return take_step(sk, from, to);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(set_state_again, const struct sock *sk, int from, int to) {
    return take_step(sk, from, to);
}

/* What follows does no harm when it is done twice. */

static __always_inline int let_go(const struct sock *sk) {
    const __u64 cookie = (__u64)sk->__sk_common.skc_cookie.counter;
    if (cookie != 0) {
        const struct exact_socket *known = bpf_map_lookup_elem(&sockets, &cookie);
        if (known && known->state == TCP_CLOSE) {
            const __u64 space = known->namespace_cookie;
            const struct exact_namespace *ns = bpf_map_lookup_elem(&namespaces, &space);
            if (!ns || !ns->keep) {
                bpf_map_delete_elem(&sockets, &cookie);
            }
        }
    }
    return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(destroy_sock, struct sock *sk) {
    return let_go(sk);
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(destroy_sock_again, struct sock *sk) {
    return let_go(sk);
}

/* Minisocks. Their timers are started and cancelled with interrupts off, and fire one after the other: no program for
 * them is interrupted by another. */

struct minisock {
    __u64 cookie;
    __u8 state;
    __u8 keep;
    struct exact_key key;
};

static __noinline int read_minisock(const struct inet_timewait_sock *tw, struct minisock *result) {
    const __u64 space = BPF_CORE_READ(tw, __tw_common.skc_net.net, net_cookie);
    const struct exact_namespace *ns = bpf_map_lookup_elem(&namespaces, &space);
    if (!ns || !match(ns, space, BPF_CORE_READ(tw, __tw_common.skc_num),
                      bpf_ntohs(BPF_CORE_READ(tw, __tw_common.skc_dport)), &result->key)) {
        return 0;
    }
    result->cookie = (__u64)BPF_CORE_READ(tw, __tw_common.skc_cookie.counter);
    result->state = BPF_CORE_READ(tw, tw_substate);
    result->keep = ns->keep != 0;
    return 1;
}

/* A minisock is in TIME-WAIT. If the table has it in FIN-WAIT-2 the peer's FIN has come; if it is further behind, the
 * steps before were untold. Who takes it out counts them. One that was made in TIME-WAIT takes its step there as a full
 * socket, and is taken out then: while it is not `over`, that step may be under way. */
static __noinline void fin_came(struct minisock *minisock, int over) {
    if (minisock->cookie == 0) {
        return;
    }
    struct exact_socket *known = bpf_map_lookup_elem(&sockets, &minisock->cookie);
    if (!known || (known->minisock == TCP_TIME_WAIT && !over)) {
        return;
    }
    const int state = known->state;
    if (state != TCP_FIN_WAIT1 && state != TCP_FIN_WAIT2 && state != TCP_CLOSING) {
        return;
    }
    if (minisock->keep) {
        known->minisock = TCP_TIME_WAIT;
        enter(known, TCP_TIME_WAIT);
    } else if (bpf_map_delete_elem(&sockets, &minisock->cookie) != 0) {
        return;
    }
    if (state == TCP_FIN_WAIT1) {
        /* By way of CLOSING it would have taken two packets, both untold: FINs that crossed, and the ACK. */
        count(&minisock->key, EXACT_FIN_WAIT1_FIN_WAIT2);
    }
    count(&minisock->key, state == TCP_CLOSING ? EXACT_CLOSING_TIME_WAIT : EXACT_FIN_WAIT2_TIME_WAIT);
}

/* It is over, as it seems. */
static __noinline void leave(struct minisock *minisock) {
    struct exact_socket *known = bpf_map_lookup_elem(&sockets, &minisock->cookie);
    if (known && minisock->state == TCP_FIN_WAIT2) {
        catch_up(known, &minisock->key, TCP_FIN_WAIT2);
    }
    if (known && minisock->keep) {
        enter(known, TCP_CLOSE);
    } else {
        bpf_map_delete_elem(&sockets, &minisock->cookie);
    }
}

static __always_inline const struct inet_timewait_sock *owner_of(const struct timer_list *timer) {
    return (const void *)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);
}

/* Of this timer, if it is a minisock's; else null. */
static __always_inline const struct inet_timewait_sock *minisock_of_timer(const struct timer_list *timer) {
    const __u32 zero = 0;
    struct exact_control *known = bpf_map_lookup_elem(&control, &zero);
    if (!known) {
        return 0;
    }
    const __u64 function = (__u64)timer->function;
    if (known->learn_cookie != 0) {
        const struct inet_timewait_sock *tw = owner_of(timer);
        __u64 cookie = 0;
        BPF_CORE_READ_INTO(&cookie, tw, __tw_common.skc_cookie.counter);
        if (cookie == known->learn_cookie) {
            known->timewait_handler = function;
        }
    }
    return function != 0 && function == known->timewait_handler ? owner_of(timer) : 0;
}

SEC("tp_btf/timer_start")
int BPF_PROG(timer_start, struct timer_list *timer) {
    const struct inet_timewait_sock *tw = minisock_of_timer(timer);
    struct minisock minisock;
    if (!tw || !read_minisock(tw, &minisock)) {
        return 0;
    }
    struct moment *moment = this_moment();
    if (!moment) {
        return 0;
    }
    if (moment->cancelled == (__u64)timer && moment->cancelled_cookie == minisock.cookie) {
        /* Cancelled to be started anew, on this processor, at once: a TIME-WAIT that was prolonged. */
        moment->cancelled = 0;
        struct exact_socket *kept = minisock.keep ? bpf_map_lookup_elem(&sockets, &minisock.cookie) : 0;
        if (kept) {
            kept->state = minisock.state;
            kept->since = kept->entered[minisock.state == TCP_TIME_WAIT ? TCP_TIME_WAIT : TCP_FIN_WAIT2];
            kept->entered[TCP_CLOSE] = 0;
        }
        take_back(&minisock.key, minisock.state == TCP_TIME_WAIT ? EXACT_TIME_WAIT_CLOSE : EXACT_FIN_WAIT2_CLOSE);
        return 0;
    }
    moment->made_cookie = minisock.cookie;
    moment->made_state = minisock.state;
    struct exact_socket *known = bpf_map_lookup_elem(&sockets, &minisock.cookie);
    if (known) {
        known->minisock = minisock.state;
        if (minisock.state == TCP_FIN_WAIT2) {
            known->minisock_at = bpf_ktime_get_ns();
            known->minisock_ticks = BPF_CORE_READ(timer, expires) - bpf_jiffies64();
        }
    }
    return 0;
}

SEC("tp_btf/timer_cancel")
int BPF_PROG(timer_cancel, struct timer_list *timer) {
    const struct inet_timewait_sock *tw = minisock_of_timer(timer);
    struct minisock minisock;
    if (!tw || !read_minisock(tw, &minisock)) {
        return 0;
    }
    struct moment *moment = this_moment();
    if (moment) {
        moment->cancelled = (__u64)timer;
        moment->cancelled_cookie = minisock.cookie;
    }
    if (minisock.state == TCP_TIME_WAIT) {
        fin_came(&minisock, 1);
        count(&minisock.key, EXACT_TIME_WAIT_CLOSE);
        if (minisock.keep) {
            leave(&minisock);
        }
    } else {
        leave(&minisock);
        count(&minisock.key, EXACT_FIN_WAIT2_CLOSE);
    }
    return 0;
}

/* A timer that fires was cancelled just before. */
SEC("tp_btf/timer_expire_entry")
int BPF_PROG(timer_expire_entry, struct timer_list *timer) {
    const struct inet_timewait_sock *tw = minisock_of_timer(timer);
    struct minisock minisock;
    if (tw && read_minisock(tw, &minisock) && minisock.state == TCP_FIN_WAIT2) {
        count(&minisock.key, EXACT_FIN_WAIT2_EXPIRED);
    }
    return 0;
}

/* Since 6.11 a packet that is dropped comes with its socket; a minisock's are all dropped when they have had effect. */
static __always_inline int note_drop(struct sock *sk) {
    if (!sk || sk->__sk_common.skc_state != TCP_TIME_WAIT) {
        return 0;
    }
    struct minisock minisock;
    if (read_minisock((const struct inet_timewait_sock *)sk, &minisock) && minisock.state == TCP_TIME_WAIT) {
        fin_came(&minisock, 0);
    }
    return 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(drop, struct sk_buff *skb, void *location, int reason, struct sock *sk) {
    return note_drop(sk);
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(drop_again, struct sk_buff *skb, void *location, int reason, struct sock *sk) {
    return note_drop(sk);
}

/* Resets. */

static __noinline int key_of(const struct sock *sk, struct exact_key *key) {
    const __u64 space = namespace_of(sk);
    const struct exact_namespace *ns = bpf_map_lookup_elem(&namespaces, &space);
    const __u16 local = sk->__sk_common.skc_state == TCP_TIME_WAIT ? sk->__sk_common.skc_num : local_port(sk);
    return ns && match(ns, space, local, bpf_ntohs(sk->__sk_common.skc_dport), key);
}

static __always_inline __u64 namespace_of_packet(const struct sk_buff *skb) {
    struct net *net = BPF_CORE_READ(skb, dev, nd_net.net);
    return net ? BPF_CORE_READ(net, net_cookie) : 0;
}

/* Of a packet that came in: what is the remote port to us is its source. */
static __noinline int key_of_packet(__u64 space, const struct sk_buff *skb, struct exact_key *key) {
    const struct exact_namespace *ns = bpf_map_lookup_elem(&namespaces, &space);
    if (!ns) {
        return 0;
    }
    struct tcp_ports ports = {};
    bpf_probe_read_kernel(&ports, sizeof ports, BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, transport_header));
    return match(ns, space, bpf_ntohs(ports.dest), bpf_ntohs(ports.source), key);
}

static __noinline void count_sent(const struct sock *sk, const struct sk_buff *skb, __u32 reason) {
    struct exact_key key;
    if (is_done(skb ? (const void *)skb : (const void *)sk, SENT_EVENT, reason)) {
        return;
    }
    const int state = sk ? sk->__sk_common.skc_state : TCP_LISTEN;
    if (state == TCP_LISTEN || state == TCP_NEW_SYN_RECV) {
        /* The listener answers for a connection that is not there, if anybody does; its packet has no device any more
         * (net/ipv4/tcp_ipv4.c:tcp_v4_rcv). */
        if (!skb || !key_of_packet(sk ? namespace_of(sk) : namespace_of_packet(skb), skb, &key)) {
            return;
        }
    } else if (!key_of(sk, &key)) {
        return;
    }
    count(&key, EXACT_RESETS_SENT + (reason & (EXACT_RESET_REASONS - 1)));
    struct moment *moment = this_moment();
    if (sk && moment && moment->reset_cookie != 0 &&
        moment->reset_cookie == (__u64)sk->__sk_common.skc_cookie.counter) {
        /* What reset it was no reset of its peer's, but data that came after close(). */
        take_back(&key, EXACT_RESETS_RECEIVED);
        moment->reset_cookie = 0;
    }
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(send_reset, const struct sock *sk, const struct sk_buff *skb, int reason) {
    count_sent(sk, skb, (__u32)reason);
    return 0;
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(send_reset_again, const struct sock *sk, const struct sk_buff *skb, int reason) {
    count_sent(sk, skb, (__u32)reason);
    return 0;
}

/* Before 6.10 nothing says why. */
SEC("tp_btf/tcp_send_reset")
int BPF_PROG(send_reset_without_reason, const struct sock *sk, const struct sk_buff *skb) {
    count_sent(sk, skb, 0);
    return 0;
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(send_reset_without_reason_again, const struct sock *sk, const struct sk_buff *skb) {
    count_sent(sk, skb, 0);
    return 0;
}

static __always_inline int count_received(struct sock *sk) {
    struct exact_key key;
    if (!is_done(sk, RECEIVED_EVENT, 0) && key_of(sk, &key)) {
        count(&key, EXACT_RESETS_RECEIVED);
        struct moment *moment = this_moment();
        if (moment) {
            moment->reset_cookie = bpf_get_socket_cookie(sk);
        }
    }
    return 0;
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(receive_reset, struct sock *sk) {
    return count_received(sk);
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(receive_reset_again, struct sock *sk) {
    return count_received(sk);
}

/* In the reader's context: end-of-file was read, if everything before it was. */
SEC("tp_btf/sock_recv_length")
int BPF_PROG(recv_length, struct sock *sk, int length, int flags) {
    if (length != 0 || sk->__sk_common.skc_state != TCP_CLOSE_WAIT || (flags & MSG_PEEK) != 0) {
        return 0;
    }
    const __u64 cookie = (__u64)sk->__sk_common.skc_cookie.counter;
    struct exact_socket *known = cookie ? bpf_map_lookup_elem(&sockets, &cookie) : 0;
    if (!known || known->end_read_at != 0 ||
        BPF_CORE_READ((const struct tcp_sock *)sk, copied_seq) != BPF_CORE_READ((const struct tcp_sock *)sk, rcv_nxt)) {
        return 0;
    }
    const __u64 thread = bpf_get_current_pid_tgid();
    known->end_read_by = (__u32)thread;
    known->end_read_process = (__u32)(thread >> 32);
    known->end_read_at = bpf_ktime_get_ns();
    return 0;
}
