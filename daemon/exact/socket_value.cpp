#include "exact/socket_value.h"

#include <sys/stat.h>

#include <cstring>
#include <ctime>

namespace halfclosed::exact {

namespace {

static_assert(std::tuple_size_v<decltype(ExactSocket::entered)> == EXACT_STATES);

Instant instant(std::uint64_t nanoseconds) {
    return Instant{std::chrono::nanoseconds{nanoseconds}};
}

}  // namespace

bool sees_all_threads() {
    constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;
    struct stat status {};
    return stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == kInitialPidNamespace;
}

std::chrono::nanoseconds tick() {
    timespec length{};
    clock_getres(CLOCK_MONOTONIC_COARSE, &length);
    return std::chrono::seconds{length.tv_sec} + std::chrono::nanoseconds{length.tv_nsec};
}

ExactSocket socket_of(std::uint64_t cookie, const exact_socket& value, const Reading& reading) {
    ExactSocket socket;
    socket.space = NamespaceId{value.namespace_cookie};
    socket.identity.cookie = Cookie{cookie};
    socket.identity.family = value.ipv6 != 0 ? Family::ipv6 : Family::ipv4;
    socket.identity.local = {{socket.identity.family, {}}, value.local_port};
    socket.identity.remote = {{socket.identity.family, {}}, value.remote_port};
    std::memcpy(socket.identity.local.address.bytes.data(), value.local, sizeof value.local);
    std::memcpy(socket.identity.remote.address.bytes.data(), value.remote, sizeof value.remote);
    socket.identity.interface = value.interface;
    socket.state = static_cast<TcpState>(value.state);
    socket.minisock = value.minisock != 0;
    socket.held = socket.state == TcpState::close_wait && value.held != 0;
    for (std::size_t state = 0; state < socket.entered.size(); ++state) {
        socket.entered[state] = instant(value.entered[state]);
    }
    if (value.minisock_at != 0 && reading.tick.count() != 0) {
        socket.expires = instant(value.minisock_at) + value.minisock_ticks * reading.tick;
    }
    if (value.since != 0) {
        socket.since = instant(value.since);
    }
    if (value.end_read_at != 0) {
        socket.end_read = {instant(value.end_read_at), reading.with_threads ? value.end_read_by : 0,
                           reading.with_threads ? value.end_read_process : 0};
    }
    return socket;
}

exact_socket value_of(const ExactKey& key, const SocketRecord& record) {
    exact_socket value{};
    value.namespace_cookie = static_cast<std::uint64_t>(key.space);
    value.port = key.port;
    value.server = key.server ? 1 : 0;
    value.state = static_cast<__u8>(record.state);
    value.held = record.state == TcpState::close_wait && record.inode != 0 ? 1 : 0;
    value.minisock = record.timer.kind == Timer::Kind::timewait ? value.state : __u8{0};
    value.ipv6 = record.family == Family::ipv6 ? 1 : 0;
    value.local_port = record.local.port;
    value.remote_port = record.remote.port;
    value.interface = record.interface;
    std::memcpy(value.local, record.local.address.bytes.data(), sizeof value.local);
    std::memcpy(value.remote, record.remote.address.bytes.data(), sizeof value.remote);
    return value;
}

}  // namespace halfclosed::exact
