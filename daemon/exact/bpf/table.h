/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

#include <bpf/bpf_helpers.h>
#include "faults.h"
#include "kernel.h"
#include "layout.h"
#include "shared.h"

/* The table of half-closed sockets. */

#define LARGEST_SOCKET_TABLE 131072

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, LARGEST_SOCKET_TABLE);
    __type(key, __u64);
    __type(value, struct exact_socket);
} sockets SEC(".maps");

/* Of the two places of a socket the one that it has, if it has one. */
static __always_inline __u32 place_of(const struct exact_shared* all, __u64 cookie) {
    const __u32 near = EXACT_NEAR_PLACE(cookie);
    return all->cookies[near] == cookie ? near : EXACT_FAR_PLACE(cookie);
}

static __always_inline struct exact_socket* find(__u64 cookie) {
    struct exact_shared* all = shared_memory();
    if (!all || cookie == 0) {
        return 0;
    }
    const __u32 place = place_of(all, cookie);
    if (all->cookies[place] == cookie) {
        return &all->sockets[place];
    }
    return all->sockets_in_hash != 0 ? bpf_map_lookup_elem(&sockets, &cookie) : 0;
}

/* Whether the place is ours now, to be filled. */
static __always_inline int take_place(struct exact_shared* all, __u32 place) {
    return all->cookies[place] == 0 &&
           __sync_val_compare_and_swap(&all->cookies[place], 0, EXACT_FILLING) == 0;
}

/* A program has it: the reader's far place is given up, by the reader if it is being filled. */
static __always_inline void give_up_far_place(struct exact_shared* all, __u64 cookie) {
    __u64* far = &all->cookies[EXACT_FAR_PLACE(cookie)];
    const __u64 adding = EXACT_ADDING(cookie);
    if (__sync_val_compare_and_swap(far, adding, EXACT_FILLING) != adding) {
        __sync_val_compare_and_swap(far, cookie, 0);
    }
}

static __noinline void give_up_in_hash(struct exact_shared* all, __u64 cookie) {
    if (bpf_map_lookup_elem(&sockets, &cookie) && bpf_map_delete_elem(&sockets, &cookie) == 0) {
        __sync_fetch_and_add(&all->sockets_in_hash, -1);
    }
}

/* The place, which is filled, has the socket from now on; the reader may have added it meanwhile. */
static __always_inline void put(struct exact_shared* all, __u32 place, __u64 cookie) {
    __sync_lock_test_and_set(&all->cookies[place], cookie); /* a barrier too */
    if (place < EXACT_NEAR_PLACES &&
        EXACT_ADDING(all->cookies[EXACT_FAR_PLACE(cookie)]) == EXACT_ADDING(cookie)) {
        give_up_far_place(all, cookie);
    }
    if (all->sockets_in_hash != 0) {
        give_up_in_hash(all, cookie);
    }
}

/* One that has no place. */
static __always_inline void insert_into_hash(struct exact_shared* all, __u64 cookie,
                                             const struct exact_socket* socket) {
    __sync_fetch_and_add(&all->sockets_in_hash, 1);
    const long result = bpf_map_update_elem(&sockets, &cookie, socket, BPF_NOEXIST);
    if (result == 0) {
        give_up_far_place(all, cookie);
        return;
    }
    __sync_fetch_and_add(&all->sockets_in_hash, -1);
    if (result == -EEXIST) {
        /* The reader has adopted it meanwhile, in the state before this step. */
        bpf_map_update_elem(&sockets, &cookie, socket, BPF_EXIST);
        return;
    }
    struct exact_faults* fault = this_faults();
    if (fault) {
        fault->sockets_full += 1;
    }
}

/* Whether it was there. */
static __noinline int erase(__u64 cookie) {
    struct exact_shared* all = shared_memory();
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
    if (all->sockets_in_hash == 0 || bpf_map_delete_elem(&sockets, &cookie) != 0) {
        return 0;
    }
    __sync_fetch_and_add(&all->sockets_in_hash, -1);
    return 1;
}

static __always_inline void enter(struct exact_socket* socket, __u8 state) {
    socket->state = state;
    socket->since = bpf_ktime_get_ns();
    if (state < EXACT_STATES) {
        socket->entered[state] = socket->since;
    }
}

/* Whose steps are counted, and for what. */
struct subject {
    __u64 cookie;
    struct exact_key key;
    __u8 keep; /* as in exact_namespace */
};

/* Apart from the cookie. */
static __always_inline void subject_of(const struct exact_socket* known, struct subject* subject) {
    __builtin_memset(&subject->key, 0, sizeof subject->key);
    subject->key.namespace_cookie = known->namespace_cookie;
    subject->key.port = known->port;
    subject->key.server = known->server;
    subject->keep = known->keep;
}
