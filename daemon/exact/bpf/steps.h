/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "counters.h"
#include "edges.h"
#include "kernel.h"
#include "marks.h"
#include "table.h"

/* Steps of full sockets. */

/* Every pointer that a program follows by itself makes the verifier look for its type by name in all of the kernel's, a
 * millisecond each (kernel/bpf/verifier.c:btf_nested_type_is_trusted): where it is not in the way of every step, it is read
 * as a number. */
static __always_inline __u64 namespace_of(const struct sock* sk) {
    return BPF_CORE_READ(sk, __sk_common.skc_net.net, net_cookie);
}

static __always_inline __u16 local_port(const struct sock* sk) {
    /* skc_num is 0 already when a socket goes to CLOSE. */
    return bpf_ntohs(BPF_CORE_READ((const struct inet_sock*)sk, inet_sport));
}

/* A subflow of an MPTCP connection is none of its application's sockets. */
static __always_inline int is_subflow(const struct tcp_sock* tcp) {
    return bpf_core_field_exists(tcp->is_mptcp) && tcp->is_mptcp;
}

static __always_inline void put_addresses(struct exact_socket* socket,
                                          const struct sock_common* common) {
    socket->ipv6 = common->skc_family == AF_INET6;
    if (socket->ipv6) {
#pragma unroll
        for (int word = 0; word < 4; ++word) {
            ((__be32*)socket->local)[word] = common->skc_v6_rcv_saddr.in6_u.u6_addr32[word];
            ((__be32*)socket->remote)[word] = common->skc_v6_daddr.in6_u.u6_addr32[word];
        }
    } else {
        ((__be32*)socket->local)[0] = common->skc_rcv_saddr;
        ((__be32*)socket->remote)[0] = common->skc_daddr;
    }
    socket->interface = (__u32)common->skc_bound_dev_if;
}

static __noinline void count_untold(struct exact_socket* known, struct exact_key* key, int from) {
    const int skipped = edge(known->state, from);
    if (skipped >= 0 && from != TCP_CLOSE) {
        count(key, (__u32)skipped);
        known->state = (__u8)from;
        known->since = 0;
    }
}

/* The steps that a full socket took untold, before one that begins in `from`. When it took them nobody knows. */
static __always_inline void catch_up(struct exact_socket* known, struct exact_key* key, int from) {
    if (known->state != from) {
        count_untold(known, key, from);
    }
}

static __always_inline int is_held(const struct tcp_sock* tcp) {
    return BPF_CORE_READ(tcp, inet_conn.icsk_inet.sk.sk_socket) != 0;
}

static __always_inline void fill(struct exact_socket* socket, const struct tcp_sock* tcp,
                                 const struct subject* subject, __u8 state, __u8 minisock) {
    const struct inet_sock* inet = &tcp->inet_conn.icsk_inet;
    __builtin_memset(socket, 0, sizeof *socket);
    socket->namespace_cookie = subject->key.namespace_cookie;
    socket->port = subject->key.port;
    socket->server = subject->key.server;
    socket->keep = subject->keep;
    socket->local_port = bpf_ntohs(inet->inet_sport);
    socket->remote_port = bpf_ntohs(inet->sk.__sk_common.skc_dport);
    socket->minisock = minisock;
    socket->held = state == TCP_CLOSE_WAIT && is_held(tcp);
    put_addresses(socket, &inet->sk.__sk_common);
    enter(socket, state);
}

/* Puts a socket that is not there into the table, in `state`. */
static __noinline void follow(const struct tcp_sock* tcp, const struct subject* subject, __u8 state,
                              __u8 minisock) {
    const __u64 cookie = subject->cookie;
    struct exact_shared* all = shared_memory();
    if (!all) {
        return;
    }
    __u32 place = EXACT_NEAR_PLACE(cookie);
    if (!take_place(all, place)) {
        place = EXACT_FAR_PLACE(cookie);
        if (!take_place(all, place)) {
            struct exact_socket socket;
            fill(&socket, tcp, subject, state, minisock);
            insert_into_hash(all, cookie, &socket);
            return;
        }
    }
    fill(&all->sockets[place], tcp, subject, state, minisock);
    put(all, place, cookie);
}

/* It is over, and was not in the table; a dump that is being read may have it. */
static __always_inline void keep_from_adoption(const struct tcp_sock* tcp,
                                               const struct subject* subject) {
    const struct exact_shared* all = shared_memory();
    if (all && all->keep_over_until != 0) {
        follow(tcp, subject, EXACT_OVER, 0);
    }
}

static __always_inline __u8 minisock_of(const struct exact_socket* known, __u64 cookie) {
    if (known) {
        return known->minisock;
    }
    const struct moment* moment = this_moment();
    return moment && moment->made_cookie == cookie ? (__u8)moment->made_state : 0;
}

/* The time of a full socket in FIN-WAIT-2 that nobody holds was up (net/ipv4/tcp_timer.c:tcp_keepalive_timer). */
static __always_inline int time_was_up(const struct sock* sk) {
    if (!bpf_core_field_exists(sk->sk_timer) ||
        ((sk->__sk_common.skc_flags >> SOCK_DEAD_BIT) & 1) == 0) {
        return 0;
    }
    const unsigned long expires = sk->sk_timer.expires;
    return expires != 0 && (long)(bpf_jiffies64() - expires) >= 0;
}

/* A full socket is done. What it leaves: nothing, a minisock, or a descriptor. */
static __always_inline void finish(const struct tcp_sock* tcp, struct subject* subject,
                                   struct exact_socket* known, int from, int counter) {
    struct exact_key* key = &subject->key;
    if (known && (known->state == EXACT_OVER || known->state == TCP_CLOSE)) {
        return; /* the other program did it, and its mark was lost */
    }
    const __u8 minisock = minisock_of(known, subject->cookie);
    if (known) {
        catch_up(known, key, from);
    }
    if (minisock == TCP_FIN_WAIT2) {
        if (!known) {
            follow(tcp, subject, TCP_FIN_WAIT2, minisock);
        }
        return; /* still in FIN-WAIT-2 */
    }
    if (minisock == TCP_TIME_WAIT) {
        counter = from == TCP_CLOSING ? EXACT_CLOSING_TIME_WAIT : EXACT_FIN_WAIT2_TIME_WAIT;
    } else if (from == TCP_FIN_WAIT2 && time_was_up(&tcp->inet_conn.icsk_inet.sk)) {
        count(key, EXACT_FIN_WAIT2_EXPIRED);
    }
    count(key, (__u32)counter);
    if (!known) {
        keep_from_adoption(tcp, subject);
        return;
    }
    if (minisock == TCP_TIME_WAIT && subject->keep) {
        enter(known, TCP_TIME_WAIT);
    } else if (subject->keep ||
               ((from == TCP_CLOSE_WAIT || from == TCP_LAST_ACK) && is_held(tcp))) {
        enter(known, TCP_CLOSE); /* until tcp_destroy_sock */
    } else {
        /* Until tcp_destroy_sock. No look at the clock: nobody is told since when. */
        known->state = EXACT_OVER;
    }
}

/* What the steps of a socket that is not in the table are counted for, if they are; notes who listens. */
static __always_inline int match_socket(const struct sock* sk, const struct tcp_sock* tcp, int to,
                                        struct subject* subject) {
    const __u64 space = sk->__sk_common.skc_net.net->net_cookie;
    struct exact_namespace* ns = bpf_map_lookup_elem(&namespaces, &space);
    if (!ns) {
        return 0;
    }
    /* skc_num is 0 already when a socket goes to CLOSE. */
    const __u16 local = bpf_ntohs(tcp->inet_conn.icsk_inet.inet_sport);
    if (to == TCP_LISTEN || sk->sk_max_ack_backlog != 0) {
        note_listener(ns, local); /* a child has its listener's backlog */
    }
    subject->keep = ns->keep != 0;
    return to != TCP_LISTEN &&
           match(ns, space, local, bpf_ntohs(sk->__sk_common.skc_dport), &subject->key);
}

/* Of a subflow only what it leaves is of interest. */
static __noinline void finish_subflow(const struct tcp_sock* tcp, struct subject* subject) {
    const __u8 minisock = minisock_of(0, subject->cookie);
    if (minisock == TCP_FIN_WAIT2) {
        count(&subject->key, EXACT_FOREIGN_FIN_WAIT2);
        follow(tcp, subject, TCP_FIN_WAIT2, minisock);
    } else if (minisock == TCP_TIME_WAIT) {
        count(&subject->key, EXACT_FOREIGN_TIME_WAIT);
    }
}

/* A step of a socket that is in the table, and stays there. */
static __always_inline void step_on(struct exact_socket* known, struct subject* subject, int from,
                                    int to, int counter) {
    if (known->state == to) {
        return; /* the other program did it, and its mark was lost */
    }
    catch_up(known, &subject->key, from);
    count(&subject->key, (__u32)counter);
    enter(known, (__u8)to);
}

static __always_inline int take_step(const struct sock* sk, int from, int to) {
    const int counter = edge(from, to);
    if ((counter < 0 && to != TCP_LISTEN) || is_taken(sk, from, to)) {
        return 0;
    }
    struct subject subject;
    subject.cookie = (__u64)sk->__sk_common.skc_cookie.counter;
    struct exact_socket* known = find(subject.cookie);
    if (known) {
        subject_of(known, &subject);
        if (to != TCP_CLOSE) {
            step_on(known, &subject, from, to, counter);
            return 0;
        }
    }
    const struct tcp_sock* tcp = bpf_skc_to_tcp_sock((void*)sk);
    if (!tcp || (!known && !match_socket(sk, tcp, to, &subject))) {
        return 0;
    }
    if (subject.cookie == 0) {
        subject.cookie = bpf_get_socket_cookie((void*)sk);
    }
    if (!known && is_subflow(tcp)) {
        if (to == TCP_CLOSE) {
            finish_subflow(tcp, &subject);
        }
        return 0;
    }
    if (to == TCP_CLOSE) {
        finish(tcp, &subject, known, from, counter);
        return 0;
    }
    count(&subject.key, (__u32)counter);
    follow(tcp, &subject, (__u8)to, 0);
    return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(set_state, const struct sock* sk, int from, int to) {
    return take_step(sk, from, to);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(set_state_again, const struct sock* sk, int from, int to) {
    return take_step(sk, from, to);
}

/* Attached once. A close that works off its backlog may be interrupted (net/core/sock.c:__release_sock), and a run be lost:
 * what that would have let go is EXACT_OVER, and the reader drops it (SocketTable::for_each). */
SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(destroy_sock, struct sock* sk) {
    const __u64 cookie = (__u64)sk->__sk_common.skc_cookie.counter;
    const struct exact_socket* known = find(cookie);
    if (known && (known->state == EXACT_OVER || (known->state == TCP_CLOSE && !known->keep))) {
        erase(cookie);
    }
    return 0;
}

/* In the reader's context: end-of-file was read, if everything before it was. */
SEC("tp_btf/sock_recv_length")
int BPF_PROG(recv_length, struct sock* sk, int length, int flags) {
    if (length != 0 || sk->__sk_common.skc_state != TCP_CLOSE_WAIT || (flags & MSG_PEEK) != 0) {
        return 0;
    }
    const __u64 cookie = (__u64)sk->__sk_common.skc_cookie.counter;
    struct exact_socket* known = find(cookie);
    if (!known || known->end_read_at != 0 ||
        BPF_CORE_READ((const struct tcp_sock*)sk, copied_seq) !=
            BPF_CORE_READ((const struct tcp_sock*)sk, rcv_nxt)) {
        return 0;
    }
    const __u64 thread = bpf_get_current_pid_tgid();
    known->end_read_by = (__u32)thread;
    known->end_read_process = (__u32)(thread >> 32);
    known->end_read_at = bpf_ktime_get_ns();
    return 0;
}
