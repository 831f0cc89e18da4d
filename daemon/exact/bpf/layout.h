/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

/* What the programs in the kernel and their reader share: keys and values of the maps. Both are of one machine, so the
 * layout is the compiler's; every struct is without holes. Needs __u8 to __u64. */

#define EXACT_PORT_WORDS 1024 /* 65536 bits */
#define EXACT_STATES 12       /* the kernel's numbers 0 to 11 */

/* A network namespace that is watched; its key is the namespace's cookie. */
struct exact_namespace {
    __u64 watched[EXACT_PORT_WORDS];  /* ports, a bit each */
    __u64 listened[EXACT_PORT_WORDS]; /* local ports that are or were listened to */
    __u64 every_port;                 /* 1: every port is watched */
    __u64 keep; /* 1: sockets stay in the table when they are over, for a history of each */
};

/* What a counter is about. A port of which there was no room for an entry is counted as port 0. */
struct exact_key {
    __u64 namespace_cookie;
    __u16 port;  /* of the service */
    __u8 server; /* 1: the socket's local port; 0: its remote one */
    __u8 zero[5];
};

/* Counters of one key. The edges come first, in the order of tracking::closing_edges(). */
enum exact_counter {
    EXACT_ESTABLISHED_FIN_WAIT1,
    EXACT_ESTABLISHED_CLOSE_WAIT,
    EXACT_FIN_WAIT1_FIN_WAIT2,
    EXACT_FIN_WAIT1_CLOSING,
    EXACT_FIN_WAIT1_CLOSE,
    EXACT_FIN_WAIT2_TIME_WAIT,
    EXACT_FIN_WAIT2_CLOSE,
    EXACT_CLOSING_TIME_WAIT,
    EXACT_CLOSING_CLOSE,
    EXACT_TIME_WAIT_CLOSE,
    EXACT_CLOSE_WAIT_LAST_ACK,
    EXACT_CLOSE_WAIT_CLOSE,
    EXACT_LAST_ACK_CLOSE,
    EXACT_EDGES,
    EXACT_FIN_WAIT2_EXPIRED = EXACT_EDGES, /* of EXACT_FIN_WAIT2_CLOSE: its time was up */
    EXACT_FOREIGN_FIN_WAIT2, /* minisocks of sockets that are not followed: MPTCP subflows */
    EXACT_FOREIGN_TIME_WAIT,
    EXACT_RESETS_RECEIVED,
    EXACT_RESETS_SENT = 32, /* and 31 more: by the kernel's number of the reason */
    EXACT_COUNTERS = 64,
};

#define EXACT_RESET_REASONS (EXACT_COUNTERS - EXACT_RESETS_SENT)

struct exact_counters {
    __u64 values[EXACT_COUNTERS];
};

/* The keys that are counted most need no hash: the first of those that share a slot has it, for good. Others are in the hash
 * `counters`. */
#define EXACT_SLOTS 64 /* a power of two */
#define EXACT_SLOT(space, port, server) \
    (((space) ^ ((__u64)(port) << 1) ^ (server)) & (EXACT_SLOTS - 1))
#define EXACT_SLOT_TAKEN (1ULL << 32)
#define EXACT_SLOT_PORT(port, server) (EXACT_SLOT_TAKEN | (__u64)(server) << 16 | (port))

struct exact_slot {
    __u64 namespace_cookie; /* as in exact_key; 0: of a namespace that is watched no more */
    __u64 port;             /* EXACT_SLOT_PORT; 0: free; EXACT_FILLING: not yet to be read */
};

/* exact_socket.state of one that is over, and goes when the kernel destroys the socket. Its `since` may be that of the
 * state before: nobody is told of it. */
#define EXACT_OVER 0

/* A half-closed socket, or one in CLOSE that a descriptor still holds; its key is the socket's cookie. TIME-WAIT is not
 * here: there may be hundreds of thousands; with exact_namespace.keep it is. */
struct exact_socket {
    __u64 namespace_cookie;
    __u64 since; /* in its state: CLOCK_MONOTONIC, nanoseconds; 0: not known */
    __u8 state;  /* the kernel's number, or EXACT_OVER */
    __u8
        minisock; /* what its minisock was made in, FIN-WAIT-2 or TIME-WAIT; 0: it is a full socket */
    __u8 ipv6;
    __u8 server;
    __u16 port; /* as in exact_key */
    __u16 local_port;
    __u16 remote_port;
    __u8 held; /* 1: a descriptor held it when it came into CLOSE-WAIT: still does */
    __u8 keep; /* as in exact_namespace */
    __u32 interface;
    __u8 local[16];
    __u8 remote[16];
    __u64 end_read_at; /* when read() first returned 0 in CLOSE-WAIT; 0: it has not */
    __u32 end_read_by; /* the thread that called it */
    __u32 end_read_process;
    __u64 minisock_at;           /* when its minisock was made in FIN-WAIT-2; 0: not that we know */
    __u64 minisock_ticks;        /* and what time that was given, in jiffies */
    __u64 entered[EXACT_STATES]; /* when it came into each state; 0: not that we know */
};

/* Most sockets are half-closed for a moment only: such a one has one of two places that are chosen by its cookie, and nothing
 * is allocated for it. Cookies are numbers in sequence. The programs take a near place first: there are few, and they
 * stay in the processor's cache; where that is taken, a far one. The reader, who knows of sockets that last, takes a far
 * one only. What finds no place goes into the hash `sockets`, whose reading costs a walk over all of its buckets.
 *
 * A socket may take its first step while the reader adds it in the state before. Each of the two says where it puts the
 * socket before it looks whether the other has it, so at least one sees the other, and what the reader adds gives way:
 * its far place tells whose it is while it is being filled (EXACT_ADDING), and is given up if a program says so. */
#define EXACT_NEAR_PLACES 256 /* powers of two */
#define EXACT_FAR_PLACES 4096
#define EXACT_PLACES (EXACT_NEAR_PLACES + EXACT_FAR_PLACES)
#define EXACT_NEAR_PLACE(cookie) ((cookie) & (EXACT_NEAR_PLACES - 1))
#define EXACT_FAR_PLACE(cookie) (EXACT_NEAR_PLACES + ((cookie) & (EXACT_FAR_PLACES - 1)))
#define EXACT_FILLING (~0ULL)
#define EXACT_ADDING(cookie) \
    ((cookie) | 1ULL << 63) /* cookies are smaller; so is no place that can be read */

/* Memory that the programs and their reader share. */
struct exact_shared {
    __u64 cookies[EXACT_PLACES]; /* 0: free; EXACT_FILLING, EXACT_ADDING: not yet to be read */
    struct exact_socket sockets[EXACT_PLACES];
    struct exact_slot slots[EXACT_SLOTS]; /* whose counters are in the array `slot_counters` */
    /* At least as many sockets as are in their hash: while there are none nobody looks there. */
    __u64 sockets_in_hash;
    __u64 counted_in_hash; /* 1: there may be counters that are not 0 */
    /* Until then, by CLOCK_MONOTONIC, what is over stays, as EXACT_OVER: the reader is to adopt what a dump has, and must not
     * put back what has ended since. */
    __u64 keep_over_until;
};

/* What does not belong to a port. */
struct exact_control {
    __u64 learn_cookie;     /* a socket of our own, whose minisock's timer is to be looked at */
    __u64 timewait_handler; /* the kernel function of every minisock's timer; 0: not known */
};

struct exact_faults {
    __u64 sockets_full;  /* sockets of which the table had no room */
    __u64 counters_full; /* events that were counted as port 0 */
};
