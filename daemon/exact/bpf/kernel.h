/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

/* The few parts of the kernel's types that the programs read. libbpf finds them by name in the running kernel's BTF when
 * it loads the programs (CO-RE), wherever they are there. */

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

/* enum bpf_map_type and the flags of include/uapi/linux/bpf.h */
#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_PERCPU_HASH 5
#define BPF_MAP_TYPE_PERCPU_ARRAY 6
#define BPF_ANY 0
#define BPF_NOEXIST 1
#define BPF_EXIST 2
#define BPF_F_NO_PREALLOC 1
#define BPF_F_MMAPABLE (1U << 10)

/* include/net/tcp_states.h */
enum {
    TCP_ESTABLISHED = 1,
    TCP_SYN_SENT,
    TCP_SYN_RECV,
    TCP_FIN_WAIT1,
    TCP_FIN_WAIT2,
    TCP_TIME_WAIT,
    TCP_CLOSE,
    TCP_CLOSE_WAIT,
    TCP_LAST_ACK,
    TCP_LISTEN,
    TCP_CLOSING,
    TCP_NEW_SYN_RECV,
};

#define AF_INET6 10
#define MSG_PEEK 2
#define EEXIST 17
#define SOCK_DEAD_BIT 0 /* enum sock_flags */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct net {
    __u64 net_cookie;
};

typedef struct {
    struct net* net;
} possible_net_t;

struct in6_addr {
    union {
        __be32 u6_addr32[4];
    } in6_u;
};

struct sock_common {
    __be32 skc_daddr;
    __be32 skc_rcv_saddr;
    __u32 skc_portpair; /* the two that follow */
    __be16 skc_dport;
    __u16 skc_num;
    unsigned short skc_family;
    volatile unsigned char skc_state;
    unsigned long skc_flags;
    int skc_bound_dev_if;
    possible_net_t skc_net;
    struct in6_addr skc_v6_daddr;
    struct in6_addr skc_v6_rcv_saddr;
    struct {
        __s64 counter;
    } skc_cookie;
};

struct hlist_node {
    struct hlist_node* next;
};

struct timer_list {
    struct hlist_node entry;
    unsigned long expires;
    void (*function)(struct timer_list*);
};

struct socket;

struct sock {
    struct sock_common __sk_common;
    __u32 sk_max_ack_backlog;
    struct socket* sk_socket;
    struct timer_list sk_timer;
};

struct inet_sock {
    struct sock sk;
    __be16 inet_sport;
};

struct inet_connection_sock {
    struct inet_sock icsk_inet;
};

struct tcp_sock {
    struct inet_connection_sock inet_conn;
    __u32 rcv_nxt;
    __u32 copied_seq;
    _Bool is_mptcp;
};

struct inet_timewait_sock {
    struct sock_common __tw_common;
    volatile unsigned char tw_substate;
    struct timer_list tw_timer;
};

struct net_device {
    possible_net_t nd_net;
};

struct sk_buff {
    struct net_device* dev;
    __u16 transport_header;
    unsigned char* head;
};

#pragma clang attribute pop

struct tcp_ports { /* the beginning of struct tcphdr */
    __be16 source;
    __be16 dest;
};
