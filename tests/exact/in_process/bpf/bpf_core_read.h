#pragma once

#define CORE_READ_1(from, first) ((from)->first)
#define CORE_READ_2(from, first, second) ((from)->first->second)
#define CORE_READ_OF(first, second, name, ...) name
#define BPF_CORE_READ(from, ...) \
    CORE_READ_OF(__VA_ARGS__, CORE_READ_2, CORE_READ_1)(from, __VA_ARGS__)
#define bpf_core_field_exists(field) true
