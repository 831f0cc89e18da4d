/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

#include <bpf/bpf_helpers.h>
#include "kernel.h"

/* What events on the same processor tell one another. */

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

static __always_inline struct moment* this_moment(void) {
    const __u32 zero = 0;
    return bpf_map_lookup_elem(&moments, &zero);
}

/* So many that events which interrupt one another hardly ever share one: a mark that is lost counts an event twice. */
#define MARKS 4096

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, MARKS);
    __type(key, __u32);
    __type(value, __u64);
} marks SEC(".maps");

enum event {
    SENT_EVENT = 1,
    RECEIVED_EVENT,
};

/* Steps are many: their marks stay in the processor's cache. One that is lost costs a look at the table. */
#define STEP_MARKS 256

struct step_marks {
    __u64 at[STEP_MARKS];
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct step_marks);
} step_marks SEC(".maps");

/* Whether the other of the two programs has done this event's work; if not, it is done by who asks. */
static __always_inline int is_done(const void* object, enum event event, __u32 what) {
    __u64 address = 0; /* a number: the verifier lets nobody compute with a pointer */
    bpf_probe_read_kernel(&address, sizeof address, &object);
    const __u32 index = (__u32)(address >> 6 ^ address >> 14) & (MARKS - 1);
    const __u64 mark = address ^ (__u64)event << 60 ^ (__u64)what << 48;
    __u64* place = bpf_map_lookup_elem(&marks, &index);
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

static __always_inline int is_taken(const struct sock* sk, int from, int to) {
    const __u32 zero = 0;
    struct step_marks* marks = bpf_map_lookup_elem(&step_marks, &zero);
    if (!marks) {
        return 0;
    }
    /* A number: the verifier lets one pointer be subtracted from another. */
    const __u64 address = (__u64)sk - (__u64)marks;
    const __u64 mark = address ^ (__u64)(from << 4 | to) << 56;
    __u64* place = &marks->at[(address >> 6 ^ address >> 14) & (STEP_MARKS - 1)];
    if (*place == mark) {
        *place = 0;
        return 1;
    }
    *place = mark;
    return 0;
}
