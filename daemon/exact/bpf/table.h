/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

#include <bpf/bpf_helpers.h>
#include "counters.h"
#include "kernel.h"
#include "layout.h"

/* The table of half-closed sockets. */

#define LARGEST_SOCKET_TABLE 131072

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, LARGEST_SOCKET_TABLE);
    __type(key, __u64);
    __type(value, struct exact_socket);
} sockets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct exact_places);
} places SEC(".maps");

static __always_inline struct exact_places* all_places(void) {
    const __u32 zero = 0;
    return bpf_map_lookup_elem(&places, &zero);
}

/* Of the two places of a socket the one that it has, if it has one. */
static __always_inline __u32 place_of(const struct exact_places* all, __u64 cookie) {
    const __u32 first = EXACT_PLACE(cookie, 0);
    return all->cookies[first] == cookie ? first : EXACT_PLACE(cookie, 1);
}

static __always_inline struct exact_socket* find(__u64 cookie) {
    struct exact_places* all = all_places();
    if (!all || cookie == 0) {
        return 0;
    }
    const __u32 place = place_of(all, cookie);
    if (all->cookies[place] == cookie) {
        return &all->sockets[place];
    }
    return all->elsewhere != 0 ? bpf_map_lookup_elem(&sockets, &cookie) : 0;
}

static __always_inline int take_place(struct exact_places* all, __u32 place, __u64 cookie,
                                      const struct exact_socket* socket) {
    if (all->cookies[place] != 0 ||
        __sync_val_compare_and_swap(&all->cookies[place], 0, EXACT_FILLING) != 0) {
        return 0;
    }
    all->sockets[place] = *socket;
    __sync_lock_test_and_set(&all->cookies[place], cookie);
    return 1;
}

/* One that is not there. */
static __always_inline void insert(__u64 cookie, const struct exact_socket* socket) {
    struct exact_places* all = all_places();
    if (!all || take_place(all, EXACT_PLACE(cookie, 0), cookie, socket) ||
        take_place(all, EXACT_PLACE(cookie, 1), cookie, socket)) {
        return;
    }
    __sync_fetch_and_add(&all->elsewhere, 1);
    if (bpf_map_update_elem(&sockets, &cookie, socket, BPF_NOEXIST) != 0) {
        __sync_fetch_and_add(&all->elsewhere, -1);
        struct exact_faults* fault = this_faults();
        if (fault) {
            fault->sockets_full += 1;
        }
    }
}

/* Whether it was there. */
static __noinline int erase(__u64 cookie) {
    struct exact_places* all = all_places();
    if (!all) {
        return 0;
    }
    if (all->keep_over_until != 0) {
        const __u64 now = bpf_ktime_get_ns();
        struct exact_socket* known = now < all->keep_over_until ? find(cookie) : 0;
        if (known) {
            const int was_there = known->state != EXACT_OVER;
            known->state = EXACT_OVER;
            known->since = now;
            return was_there;
        }
    }
    const __u32 place = place_of(all, cookie);
    if (all->cookies[place] == cookie) {
        return __sync_val_compare_and_swap(&all->cookies[place], cookie, 0) == cookie;
    }
    if (all->elsewhere == 0 || bpf_map_delete_elem(&sockets, &cookie) != 0) {
        return 0;
    }
    __sync_fetch_and_add(&all->elsewhere, -1);
    return 1;
}

static __always_inline void enter(struct exact_socket* socket, __u8 state) {
    socket->state = state;
    socket->since = bpf_ktime_get_ns();
    if (state < EXACT_STATES) {
        socket->entered[state] = socket->since;
    }
}
