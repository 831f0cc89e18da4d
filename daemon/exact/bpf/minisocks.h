/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "counters.h"
#include "kernel.h"
#include "marks.h"
#include "steps.h"
#include "table.h"

/* Minisocks. Their timers are started and cancelled with interrupts off, and fire one after the other: no program for
 * them is interrupted by another. */

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct exact_control);
} control SEC(".maps");

struct minisock {
    struct subject subject;
    __u8 state;
    __u8 known; /* 1: the table had it when it was read */
};

static __noinline int read_minisock(const struct inet_timewait_sock* tw, struct minisock* result) {
    struct subject* subject = &result->subject;
    subject->cookie = (__u64)BPF_CORE_READ(tw, __tw_common.skc_cookie.counter);
    result->state = BPF_CORE_READ(tw, tw_substate);
    const struct exact_socket* known = find(subject->cookie);
    result->known = known != 0;
    if (known) {
        subject_of(known, subject);
        return 1;
    }
    const __u64 space = BPF_CORE_READ(tw, __tw_common.skc_net.net, net_cookie);
    const struct exact_namespace* ns = bpf_map_lookup_elem(&namespaces, &space);
    if (!ns) {
        return 0;
    }
    const __u32 ports = BPF_CORE_READ(tw, __tw_common.skc_portpair);
    subject->keep = ns->keep != 0;
    return match(ns, space, (__u16)(ports >> 16), bpf_ntohs((__be16)ports), &subject->key);
}

/* A minisock is in TIME-WAIT. If the table has it in FIN-WAIT-2 the peer's FIN has come; if it is further behind, the
 * steps before were untold. Who takes it out counts them. One that was made in TIME-WAIT takes its step there as a full
 * socket, and is taken out then: while it is not `over`, that step may be under way. */
static __noinline void fin_came(struct minisock* minisock, int over) {
    if (minisock->subject.cookie == 0) {
        return;
    }
    struct exact_socket* known = find(minisock->subject.cookie);
    if (!known || (known->minisock == TCP_TIME_WAIT && !over)) {
        return;
    }
    const int state = known->state;
    if (state != TCP_FIN_WAIT1 && state != TCP_FIN_WAIT2 && state != TCP_CLOSING) {
        return;
    }
    if (minisock->subject.keep) {
        known->minisock = TCP_TIME_WAIT;
        enter(known, TCP_TIME_WAIT);
    } else if (!erase(minisock->subject.cookie)) {
        return;
    }
    if (state == TCP_FIN_WAIT1) {
        /* By way of CLOSING it would have taken two packets, both untold: FINs that crossed, and the ACK. */
        count(&minisock->subject.key, EXACT_FIN_WAIT1_FIN_WAIT2);
    }
    count(&minisock->subject.key,
          state == TCP_CLOSING ? EXACT_CLOSING_TIME_WAIT : EXACT_FIN_WAIT2_TIME_WAIT);
}

/* It is over, as it seems. */
static __noinline void leave(struct minisock* minisock) {
    struct exact_socket* known = find(minisock->subject.cookie);
    if (known && minisock->state == TCP_FIN_WAIT2) {
        catch_up(known, &minisock->subject.key, TCP_FIN_WAIT2);
    }
    if (known && minisock->subject.keep) {
        enter(known, TCP_CLOSE);
    } else {
        erase(minisock->subject.cookie);
    }
}

static __always_inline const struct inet_timewait_sock* owner_of(const struct timer_list* timer) {
    return (const void*)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);
}

/* Of this timer, if it is a minisock's; else null. */
static __always_inline const struct inet_timewait_sock* minisock_of_timer(
    const struct timer_list* timer) {
    const __u32 zero = 0;
    struct exact_control* known = bpf_map_lookup_elem(&control, &zero);
    if (!known) {
        return 0;
    }
    const __u64 function = (__u64)timer->function;
    if (known->learn_cookie != 0) {
        const struct inet_timewait_sock* tw = owner_of(timer);
        __u64 cookie = 0;
        BPF_CORE_READ_INTO(&cookie, tw, __tw_common.skc_cookie.counter);
        if (cookie == known->learn_cookie) {
            known->timewait_handler = function;
        }
    }
    return function != 0 && function == known->timewait_handler ? owner_of(timer) : 0;
}

SEC("tp_btf/timer_start")
int BPF_PROG(timer_start, struct timer_list* timer) {
    const struct inet_timewait_sock* tw = minisock_of_timer(timer);
    struct minisock minisock;
    if (!tw || !read_minisock(tw, &minisock)) {
        return 0;
    }
    struct moment* moment = this_moment();
    if (!moment) {
        return 0;
    }
    if (moment->cancelled == (__u64)timer && moment->cancelled_cookie == minisock.subject.cookie) {
        /* Cancelled to be started anew, on this processor, at once: a TIME-WAIT that was prolonged. */
        moment->cancelled = 0;
        struct exact_socket* kept = minisock.subject.keep ? find(minisock.subject.cookie) : 0;
        if (kept) {
            kept->state = minisock.state;
            kept->since =
                kept->entered[minisock.state == TCP_TIME_WAIT ? TCP_TIME_WAIT : TCP_FIN_WAIT2];
            kept->entered[TCP_CLOSE] = 0;
        }
        take_back(&minisock.subject.key,
                  minisock.state == TCP_TIME_WAIT ? EXACT_TIME_WAIT_CLOSE : EXACT_FIN_WAIT2_CLOSE);
        return 0;
    }
    moment->made_cookie = minisock.subject.cookie;
    moment->made_state = minisock.state;
    struct exact_socket* known = minisock.known ? find(minisock.subject.cookie) : 0;
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
int BPF_PROG(timer_cancel, struct timer_list* timer) {
    const struct inet_timewait_sock* tw = minisock_of_timer(timer);
    struct minisock minisock;
    if (!tw || !read_minisock(tw, &minisock)) {
        return 0;
    }
    struct moment* moment = this_moment();
    if (moment) {
        moment->cancelled = (__u64)timer;
        moment->cancelled_cookie = minisock.subject.cookie;
    }
    if (minisock.state == TCP_TIME_WAIT) {
        if (minisock.known) {
            fin_came(&minisock, 1);
        }
        count(&minisock.subject.key, EXACT_TIME_WAIT_CLOSE);
        if (minisock.subject.keep) {
            leave(&minisock);
        }
    } else {
        leave(&minisock);
        count(&minisock.subject.key, EXACT_FIN_WAIT2_CLOSE);
    }
    return 0;
}

/* A timer that fires was cancelled just before. */
SEC("tp_btf/timer_expire_entry")
int BPF_PROG(timer_expire_entry, struct timer_list* timer) {
    const struct inet_timewait_sock* tw = minisock_of_timer(timer);
    struct minisock minisock;
    if (tw && read_minisock(tw, &minisock) && minisock.state == TCP_FIN_WAIT2) {
        count(&minisock.subject.key, EXACT_FIN_WAIT2_EXPIRED);
    }
    return 0;
}

/* Since 6.11 a packet that is dropped comes with its socket; a minisock's are all dropped when they have had effect. */
static __always_inline int note_drop(struct sock* sk) {
    if (!sk || sk->__sk_common.skc_state != TCP_TIME_WAIT) {
        return 0;
    }
    struct minisock minisock;
    if (read_minisock((const struct inet_timewait_sock*)sk, &minisock) &&
        minisock.state == TCP_TIME_WAIT) {
        fin_came(&minisock, 0);
    }
    return 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(drop, struct sk_buff* skb, void* location, int reason, struct sock* sk) {
    return note_drop(sk);
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(drop_again, struct sk_buff* skb, void* location, int reason, struct sock* sk) {
    return note_drop(sk);
}
