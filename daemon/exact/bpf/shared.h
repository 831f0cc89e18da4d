/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

#include <bpf/bpf_helpers.h>
#include "kernel.h"
#include "layout.h"

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct exact_shared);
} shared SEC(".maps");

static __always_inline struct exact_shared* shared_memory(void) {
    const __u32 zero = 0;
    return bpf_map_lookup_elem(&shared, &zero);
}
