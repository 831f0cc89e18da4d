/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

#include <bpf/bpf_helpers.h>
#include "kernel.h"
#include "layout.h"

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct exact_faults);
} faults SEC(".maps");

static __always_inline struct exact_faults* this_faults(void) {
    const __u32 zero = 0;
    return bpf_map_lookup_elem(&faults, &zero);
}
