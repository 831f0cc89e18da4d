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

/* Resets. */

static __noinline int key_of(const struct sock* sk, struct exact_key* key) {
    const __u64 space = namespace_of(sk);
    const struct exact_namespace* ns = bpf_map_lookup_elem(&namespaces, &space);
    const __u16 local =
        sk->__sk_common.skc_state == TCP_TIME_WAIT ? sk->__sk_common.skc_num : local_port(sk);
    return ns && match(ns, space, local, bpf_ntohs(sk->__sk_common.skc_dport), key);
}

static __always_inline __u64 namespace_of_packet(const struct sk_buff* skb) {
    struct net* net = BPF_CORE_READ(skb, dev, nd_net.net);
    return net ? BPF_CORE_READ(net, net_cookie) : 0;
}

/* Of a packet that came in: what is the remote port to us is its source. */
static __noinline int key_of_packet(__u64 space, const struct sk_buff* skb, struct exact_key* key) {
    const struct exact_namespace* ns = bpf_map_lookup_elem(&namespaces, &space);
    if (!ns) {
        return 0;
    }
    struct tcp_ports ports = {};
    bpf_probe_read_kernel(&ports, sizeof ports,
                          BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, transport_header));
    return match(ns, space, bpf_ntohs(ports.dest), bpf_ntohs(ports.source), key);
}

static __noinline void count_sent(const struct sock* sk, const struct sk_buff* skb, __u32 reason) {
    struct exact_key key;
    if (is_done(skb ? (const void*)skb : (const void*)sk, SENT_EVENT, reason)) {
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
    struct moment* moment = this_moment();
    if (sk && moment && moment->reset_cookie != 0 &&
        moment->reset_cookie == (__u64)sk->__sk_common.skc_cookie.counter) {
        /* What reset it was no reset of its peer's, but data that came after close(). */
        take_back(&key, EXACT_RESETS_RECEIVED);
        moment->reset_cookie = 0;
    }
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(send_reset, const struct sock* sk, const struct sk_buff* skb, int reason) {
    count_sent(sk, skb, (__u32)reason);
    return 0;
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(send_reset_again, const struct sock* sk, const struct sk_buff* skb, int reason) {
    count_sent(sk, skb, (__u32)reason);
    return 0;
}

/* Before 6.10 nothing says why. */
SEC("tp_btf/tcp_send_reset")
int BPF_PROG(send_reset_without_reason, const struct sock* sk, const struct sk_buff* skb) {
    count_sent(sk, skb, 0);
    return 0;
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(send_reset_without_reason_again, const struct sock* sk, const struct sk_buff* skb) {
    count_sent(sk, skb, 0);
    return 0;
}

static __always_inline int count_received(struct sock* sk) {
    struct exact_key key;
    if (!is_done(sk, RECEIVED_EVENT, 0) && key_of(sk, &key)) {
        count(&key, EXACT_RESETS_RECEIVED);
        struct moment* moment = this_moment();
        if (moment) {
            moment->reset_cookie = bpf_get_socket_cookie(sk);
        }
    }
    return 0;
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(receive_reset, struct sock* sk) {
    return count_received(sk);
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(receive_reset_again, struct sock* sk) {
    return count_received(sk);
}
