#pragma once

#define bpf_ntohs(number) __builtin_bswap16(number)
