#include "programs.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "posix/clock.h"

// The kernel has names of its own for what system headers name too.
#undef AF_INET6
#undef MSG_PEEK

namespace halfclosed::in_process {

namespace {

exact_shared* shared_with_reader = nullptr;
int socket_hash = -1;

/// A program changes a value of the hash where it lies: here a copy, which is written back.
struct {
    __u64 cookie;  // 0: none
    exact_socket socket;
} found{};

void write_back() {
    if (found.cookie != 0) {
        ::bpf_map_update_elem(socket_hash, &found.cookie, &found.socket, BPF_EXIST);
        found.cookie = 0;
    }
}

/// Of each other map one entry is in use.
template <typename Map>
auto lookup(Map& map, const void* key) {
    using Value = std::remove_pointer_t<decltype(map.value)>;
    if constexpr (std::is_same_v<Value, exact_shared>) {
        return shared_with_reader;
    } else if constexpr (std::is_same_v<Value, exact_socket>) {
        write_back();
        const __u64 cookie = *static_cast<const __u64*>(key);
        if (::bpf_map_lookup_elem(socket_hash, &cookie, &found.socket) != 0) {
            return static_cast<exact_socket*>(nullptr);
        }
        found.cookie = cookie;
        return &found.socket;
    } else {
        static Value value{};
        return &value;
    }
}

template <typename Map>
long update(const Map& /*map*/, const void* key, const void* value, __u64 flags) {
    return ::bpf_map_update_elem(socket_hash, key, value, flags) == 0 ? 0 : -errno;
}

template <typename Map>
long erase_from(const Map& /*map*/, const void* key) {
    found.cookie = 0;
    return ::bpf_map_delete_elem(socket_hash, key) == 0 ? 0 : -errno;
}

std::function<void()> at_next_look_at_clock;

__u64 bpf_ktime_get_ns() {
    if (const auto act = std::exchange(at_next_look_at_clock, nullptr)) {
        act();
    }
    return static_cast<__u64>(posix::monotonic_clock_now().count());
}

namespace programs {

#define _Bool bool

#include "exact/bpf/steps.h"

}  // namespace programs

programs::net space{1};

programs::tcp_sock socket_of(__u64 cookie, __u16 port) {
    programs::tcp_sock tcp{};
    programs::inet_sock& inet = tcp.inet_conn.icsk_inet;
    inet.inet_sport = __builtin_bswap16(port);
    inet.sk.__sk_common.skc_net.net = &space;
    inet.sk.__sk_common.skc_cookie.counter = static_cast<__s64>(cookie);
    return tcp;
}

__u16 watched_port = 0;

}  // namespace

void begin(exact_shared& memory, int hash, __u16 port) {
    shared_with_reader = &memory;
    socket_hash = hash;
    found = {};
    watched_port = port;
    exact_namespace& watched = *lookup(programs::namespaces, nullptr);
    watched = {};
    watched.watched[port / 64] = 1ULL << (port % 64U);
    *lookup(programs::slot_counters, nullptr) = {};
}

void take_step(__u64 cookie, int from, int to) {
    programs::tcp_sock tcp = socket_of(cookie, watched_port);
    programs::set_state(&tcp.inet_conn.icsk_inet.sk, from, to);
    programs::set_state_again(&tcp.inet_conn.icsk_inet.sk, from, to);
    write_back();
}

void while_filling(std::function<void()> act) {
    at_next_look_at_clock = std::move(act);
}

void destroy(__u64 cookie) {
    programs::tcp_sock tcp = socket_of(cookie, watched_port);
    programs::destroy_sock(&tcp.inet_conn.icsk_inet.sk);
    write_back();
}

__u64 counted(exact_counter counter) {
    return lookup(programs::slot_counters, nullptr)->values[counter];
}

}  // namespace halfclosed::in_process
