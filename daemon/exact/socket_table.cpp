#include "exact/socket_table.h"

#include <bpf/bpf.h>
#include <time.h>

#include <atomic>
#include <utility>
#include <vector>

#include "exact/map_reading.h"
#include "exact/shared_memory.h"

namespace halfclosed::exact {

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;  // in nanoseconds
constexpr std::uint64_t kMostNanoseconds = SocketTable::kLongestKept.count() * kSecond;

/// Of its two places the one that it has, if it has one.
std::size_t place_of(exact_shared& shared, std::uint64_t cookie) {
    const std::size_t near = EXACT_NEAR_PLACE(cookie);
    return load(shared.cookies[near]) == cookie ? near : EXACT_FAR_PLACE(cookie);
}

std::uint64_t monotonic_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * kSecond +
           static_cast<std::uint64_t>(now.tv_nsec);
}

/// The kernel destroys a socket at once when it is over, or when its descriptor is closed. If nobody told that, the table
/// would keep it for ever.
bool is_left_over(const exact_socket& socket, std::uint64_t now) {
    return socket.state == EXACT_OVER && socket.since + kMostNanoseconds < now;
}

}  // namespace

SocketTable::SocketTable(exact_shared& shared, const posix::Descriptor& hash)
    : shared_(shared), hash_(hash.get()) {
}

/// None: it has neither of its places.
std::optional<exact_socket> SocketTable::read_place(std::uint64_t cookie) const {
    const std::size_t place = place_of(shared_, cookie);
    __u64& holder = shared_.cookies[place];
    if (load(holder) != cookie) {
        return std::nullopt;
    }
    const exact_socket socket = shared_.sockets[place];
    std::atomic_thread_fence(std::memory_order_acquire);
    // Given to another meanwhile?
    return load(holder) == cookie ? std::optional(socket) : std::nullopt;
}

void SocketTable::for_each(
    const std::function<void(std::uint64_t, const exact_socket&)>& use) const {
    const std::uint64_t now = monotonic_nanoseconds();
    std::vector<std::uint64_t> left_over;
    const auto tell = [&](std::uint64_t cookie, const exact_socket& socket) {
        if (socket.state != EXACT_OVER) {
            use(cookie, socket);
        } else if (is_left_over(socket, now)) {
            left_over.push_back(cookie);
        }
    };
    for (__u64& holder : shared_.cookies) {
        const std::uint64_t cookie = load(holder);
        if (cookie == 0 || cookie == EXACT_FILLING) {
            continue;
        }
        if (const auto socket = read_place(cookie)) {
            tell(cookie, *socket);
        }
    }
    if (load(shared_.sockets_in_hash) != 0) {
        exact::for_each<std::uint64_t, exact_socket>(
            hash_, 1, [&](std::uint64_t cookie, std::span<const exact_socket> value) {
                tell(cookie, value.front());
            });
    }
    for (const std::uint64_t cookie : left_over) {
        take(cookie);
    }
}

std::optional<exact_socket> SocketTable::find(std::uint64_t cookie) const {
    if (const auto socket = read_place(cookie)) {
        return socket;
    }
    exact_socket socket{};
    if (load(shared_.sockets_in_hash) == 0) {
        return std::nullopt;
    }
    if (bpf_map_lookup_elem(hash_, &cookie, &socket) != 0) {
        if (errno != ENOENT) {
            fail_on_map("look up a socket");
        }
        return std::nullopt;
    }
    return socket;
}

void SocketTable::keep_over() const {
    std::atomic_ref(shared_.keep_over_until).store(monotonic_nanoseconds() + kMostNanoseconds);
}

void SocketTable::give_up_over() const {
    std::atomic_ref(shared_.keep_over_until).store(0);
}

/// Into one of its places, which is returned, unless others have both.
std::optional<std::size_t> SocketTable::add_to_place(std::uint64_t cookie,
                                                     const exact_socket& socket) const {
    for (const std::size_t place : {EXACT_FAR_PLACE(cookie), EXACT_NEAR_PLACE(cookie)}) {
        const std::atomic_ref holder(shared_.cookies[place]);
        __u64 nobody = 0;
        if (holder.compare_exchange_strong(nobody, EXACT_FILLING)) {
            shared_.sockets[place] = socket;
            holder.store(cookie);
            return place;
        }
    }
    return std::nullopt;
}

void SocketTable::add(std::uint64_t cookie, const exact_socket& socket) const {
    const std::atomic_ref in_hash(shared_.sockets_in_hash);
    if (find(cookie)) {
        return;
    }
    if (const auto place = add_to_place(cookie, socket)) {
        // It may have taken a step meanwhile: the programs put it into the other place or the hash, and know it better.
        if (*place != EXACT_NEAR_PLACE(cookie) &&
            load(shared_.cookies[EXACT_NEAR_PLACE(cookie)]) == cookie) {
            __u64 holder = cookie;
            std::atomic_ref(shared_.cookies[*place]).compare_exchange_strong(holder, 0);
            return;
        }
        exact_socket stepped{};
        if (in_hash.load() != 0 && bpf_map_lookup_and_delete_elem(hash_, &cookie, &stepped) == 0) {
            in_hash.fetch_sub(1);
            shared_.sockets[*place] = stepped;
        }
        return;
    }
    in_hash.fetch_add(1);
    if (bpf_map_update_elem(hash_, &cookie, &socket, BPF_NOEXIST) != 0) {
        in_hash.fetch_sub(1);
    } else if (read_place(cookie)) {
        // It took a step meanwhile, and the programs know it better.
        if (bpf_map_delete_elem(hash_, &cookie) == 0) {
            in_hash.fetch_sub(1);
        }
    }
}

std::optional<exact_socket> SocketTable::take(std::uint64_t cookie) const {
    if (const auto socket = read_place(cookie)) {
        __u64 holder = cookie;
        const bool taken = std::atomic_ref(shared_.cookies[place_of(shared_, cookie)])
                               .compare_exchange_strong(holder, 0);
        return taken ? socket : std::nullopt;
    }
    exact_socket socket{};
    if (load(shared_.sockets_in_hash) == 0 ||
        bpf_map_lookup_and_delete_elem(hash_, &cookie, &socket) != 0) {
        return std::nullopt;
    }
    std::atomic_ref(shared_.sockets_in_hash).fetch_sub(1);
    return socket;
}

}  // namespace halfclosed::exact
