#pragma once

// In the place of libbpf's: the programs for the kernel as functions of this process. Who includes them has defined
// lookup(), update() and erase() of maps, and the other helpers.

#define SEC(name)
#define __noinline
#undef __always_inline
#define __always_inline inline
#define __uint(name, number) int(*name)[number]
#define __type(name, type) type* name

#define bpf_map_lookup_elem(map, key) lookup(*(map), key)
#define bpf_map_update_elem(map, key, value, flags) update(*(map), key, value, flags)
#define bpf_map_delete_elem(map, key) erase_from(*(map), key)
#define bpf_probe_read_kernel(to, size, from) __builtin_memcpy(to, from, size)
#define bpf_skc_to_tcp_sock(sk) static_cast<tcp_sock*>(sk)
#define bpf_get_socket_cookie(sk) 0
#define bpf_get_current_pid_tgid() 0
#define bpf_jiffies64() 0
