#pragma once

#include <bpf/bpf.h>

#include "exact/bpf/layout_in_cpp.h"
#include "posix/file.h"

namespace halfclosed {

/// Maps like those that hold the programs' table; the hash has room for a few.
inline posix::Descriptor make_shared_map() {
    LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
    return posix::Descriptor(bpf_map_create(BPF_MAP_TYPE_ARRAY, "shared", sizeof(__u32),
                                            sizeof(exact_shared), 1, &options));
}

inline posix::Descriptor make_socket_hash() {
    return posix::Descriptor(bpf_map_create(BPF_MAP_TYPE_HASH, "sockets", sizeof(__u64),
                                            sizeof(exact_socket), 8, nullptr));
}

inline exact_socket socket_in(__u8 state, std::uint64_t since = 1) {
    exact_socket socket{};
    socket.state = state;
    socket.since = since;
    return socket;
}

}  // namespace halfclosed
