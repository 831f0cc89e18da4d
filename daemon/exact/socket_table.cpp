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
/// would keep it for ever. `since` is older where the programs did not look at the clock again.
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
        } else if (is_left_over(socket, now) && load(shared_.keep_over_until) < now) {
            left_over.push_back(cookie);
        }
    };
    for (__u64& holder : shared_.cookies) {
        const std::uint64_t cookie = load(holder);
        if (cookie == 0 || cookie >= EXACT_ADDING(0)) {
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
    const auto socket = read_place(cookie);
    return socket ? socket : find_in_hash(cookie);
}

std::optional<exact_socket> SocketTable::find_in_hash(std::uint64_t cookie) const {
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

bool SocketTable::has_near_place(std::uint64_t cookie) const {
    return std::atomic_ref(shared_.cookies[EXACT_NEAR_PLACE(cookie)]).load() == cookie;
}

/// Into its far place; false: another has that.
bool SocketTable::add_to_far_place(std::uint64_t cookie, const exact_socket& socket) const {
    const std::size_t place = EXACT_FAR_PLACE(cookie);
    const std::atomic_ref holder(shared_.cookies[place]);
    __u64 expected = 0;
    if (!holder.compare_exchange_strong(expected, EXACT_ADDING(cookie))) {
        return false;
    }
    expected = EXACT_ADDING(cookie);
    if (!has_near_place(cookie) && !find_in_hash(cookie)) {
        shared_.sockets[place] = socket;
        if (holder.compare_exchange_strong(expected, cookie)) {
            return true;
        }
    }
    holder.store(0);  // it took a step meanwhile, and the programs know it better
    return true;
}

void SocketTable::add_to_hash(std::uint64_t cookie, const exact_socket& socket) const {
    const std::atomic_ref in_hash(shared_.sockets_in_hash);
    in_hash.fetch_add(1);
    if (bpf_map_update_elem(hash_, &cookie, &socket, BPF_NOEXIST) != 0) {
        in_hash.fetch_sub(1);
        return;
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);
    // As above. A program that has just put it into a place may have taken it out of the hash.
    if (read_place(cookie) && bpf_map_delete_elem(hash_, &cookie) == 0) {
        in_hash.fetch_sub(1);
    }
}

void SocketTable::add(std::uint64_t cookie, const exact_socket& socket) const {
    if (!find(cookie) && !add_to_far_place(cookie, socket)) {
        add_to_hash(cookie, socket);
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
