/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

#include <bpf/bpf_helpers.h>
#include "faults.h"
#include "kernel.h"
#include "layout.h"
#include "shared.h"

/* Which sockets are counted, and what was counted of them. */

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
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, EXACT_SLOTS);
    __type(key, __u32);
    __type(value, struct exact_counters);
} slot_counters SEC(".maps");

static const struct exact_counters kNoCounters = {};

/* The compiler knows that this is never more, and would leave out the bound; the verifier of 6.1 does not, once the bytes of
 * a port were swapped. */
static __always_inline __u32 word_of(__u16 port) {
    __u32 word = port >> 6;
    asm volatile("" : "+r"(word));
    return word & (EXACT_PORT_WORDS - 1);
}

static __always_inline int has(const __u64* ports, __u16 port) {
    return (ports[word_of(port)] >> (port & 63)) & 1;
}

static __always_inline void note_listener(struct exact_namespace* ns, __u16 port) {
    if (port != 0 && !has(ns->listened, port)) {
        __sync_fetch_and_or(&ns->listened[word_of(port)], 1ULL << (port & 63));
    }
}

/* Of which watched port a socket with these ports is, and on which side. */
static __noinline int match(const struct exact_namespace* ns, __u64 cookie, __u16 local,
                            __u16 remote, struct exact_key* key) {
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

/* Those of the key's slot; null if another key has it. */
static __always_inline struct exact_counters* in_slot(struct exact_shared* all,
                                                      const struct exact_key* key) {
    const __u64 port = EXACT_SLOT_PORT(key->port, key->server);
    const __u32 index = EXACT_SLOT(key->namespace_cookie, key->port, key->server);
    struct exact_slot* slot = &all->slots[index];
    if (slot->port == 0 && __sync_val_compare_and_swap(&slot->port, 0, EXACT_FILLING) == 0) {
        slot->namespace_cookie = key->namespace_cookie;
        __sync_lock_test_and_set(&slot->port, port);
    }
    return slot->port == port && slot->namespace_cookie == key->namespace_cookie
               ? bpf_map_lookup_elem(&slot_counters, &index)
               : 0;
}

static __noinline struct exact_counters* in_hash(struct exact_shared* all, struct exact_key* key) {
    all->counted_in_hash = 1;
    struct exact_counters* found = bpf_map_lookup_elem(&counters, key);
    if (found) {
        return found;
    }
    bpf_map_update_elem(&counters, key, &kNoCounters, BPF_NOEXIST);
    found = bpf_map_lookup_elem(&counters, key);
    if (found) {
        return found;
    }
    struct exact_faults* fault = this_faults();
    if (fault) {
        fault->counters_full += 1;
    }
    key->port = 0;
    return bpf_map_lookup_elem(&counters, key);
}

static __always_inline struct exact_counters* counters_of(struct exact_key* key) {
    struct exact_shared* all = shared_memory();
    if (!all) {
        return 0;
    }
    struct exact_counters* found = in_slot(all, key);
    return found ? found : in_hash(all, key);
}

/* Interrupts come in between, but none on this processor between reading and writing that counts the same key: all that
 * counts runs with preemption off, and a nested event is whole before this one goes on. */
static __noinline void count(struct exact_key* key, __u32 counter) {
    struct exact_counters* found = counters_of(key);
    if (found && counter < EXACT_COUNTERS) {
        __sync_fetch_and_add(&found->values[counter], 1);
    }
}

static __noinline void take_back(struct exact_key* key, __u32 counter) {
    struct exact_counters* found = counters_of(key);
    if (found && counter < EXACT_COUNTERS) {
        __sync_fetch_and_add(&found->values[counter], -1);
    }
}
