#include "ground/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

namespace halfclosed::ground {

namespace {

/// Small and of a fixed size from the beginning, so that a window that is closed stays closed.
constexpr int kReceiveBuffer = 65'536;

int check(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return result;
}

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress address(const char* text, std::uint16_t port) {
    SocketAddress result;
    sockaddr_in6 ipv6{};
    sockaddr_in ipv4{};
    if (inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1) {
        ipv6.sin6_family = AF_INET6;
        ipv6.sin6_port = htons(port);
        result.length = sizeof ipv6;
        std::memcpy(&result.storage, &ipv6, sizeof ipv6);
    } else {
        inet_pton(AF_INET, text, &ipv4.sin_addr);
        ipv4.sin_family = AF_INET;
        ipv4.sin_port = htons(port);
        result.length = sizeof ipv4;
        std::memcpy(&result.storage, &ipv4, sizeof ipv4);
    }
    return result;
}

const char* loopback(Network network) {
    switch (network) {
        case Network::ipv4:
            return "127.0.0.1";
        case Network::ipv6:
            return "::1";
        case Network::mapped:
            return "::ffff:127.0.0.1";
    }
    return "";
}

}  // namespace

const char* name(Network network) {
    switch (network) {
        case Network::ipv4:
            return "ipv4";
        case Network::ipv6:
            return "ipv6";
        case Network::mapped:
            return "mapped";
    }
    return "unknown";
}

Socket Socket::create(Network network) {
    const int family = network == Network::ipv4 ? AF_INET : AF_INET6;
    return Socket(check(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
}

void Socket::set(int level, int option, int value, const char* what) {
    check(setsockopt(descriptor_, level, option, &value, sizeof value), what);
}

std::uint16_t Socket::port() const {
    SocketAddress own;
    check(getsockname(descriptor_, own.get(), &own.length), "getsockname");
    // sin_port and sin6_port are at the same place.
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &own.storage, sizeof ipv4);
    return ntohs(ipv4.sin_port);
}

std::uint64_t Socket::cookie() const {
    std::uint64_t cookie = 0;
    socklen_t length = sizeof cookie;
    check(getsockopt(descriptor_, SOL_SOCKET, SO_COOKIE, &cookie, &length), "SO_COOKIE");
    return cookie;
}

void Socket::close() {
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1));
    }
}

void Socket::reset() {
    const linger at_once{1, 0};
    check(setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), "SO_LINGER");
    close();
}

void Socket::shut_down() {
    check(shutdown(descriptor_, SHUT_WR), "shutdown");
}

void Socket::write(const std::string& data) {
    check(static_cast<int>(send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL)), "send");
}

void Socket::fill() {
    const std::string data(4'096, 'x');
    // Five times in a row nothing taken, a moment apart: the window is closed and the buffer is full.
    for (int full = 0; full < 5;) {
        if (send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
            full = 0;
            continue;
        }
        if (errno != EAGAIN) {
            check(-1, "send");
        }
        ++full;
        usleep(2'000);
    }
}

std::string Socket::read(std::size_t length) {
    std::vector<char> buffer(length);
    const int received =
        check(static_cast<int>(recv(descriptor_, buffer.data(), length, 0)), "recv");
    return {buffer.data(), static_cast<std::size_t>(received)};
}

void bind_to(Socket& socket, Network network, std::uint16_t port) {
    // What listens for both families is bound to any address.
    SocketAddress own = address(network == Network::mapped ? "::" : loopback(network), port);
    check(bind(socket.get(), own.get(), own.length), "bind");
}

Socket listen(Network network, std::uint16_t port, int backlog) {
    Socket listener = Socket::create(network);
    listener.set(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
    listener.set(SOL_SOCKET, SO_RCVBUF, kReceiveBuffer, "SO_RCVBUF");
    bind_to(listener, network, port);
    check(::listen(listener.get(), backlog), "listen");
    return listener;
}

Socket connect(Network network, std::uint16_t port) {
    Socket socket = Socket::create(network);
    socket.set(SOL_SOCKET, SO_RCVBUF, kReceiveBuffer, "SO_RCVBUF");
    connect_to(socket, network, port);
    return socket;
}

void connect_to(Socket& socket, Network network, std::uint16_t port) {
    SocketAddress peer = address(loopback(network), port);
    check(::connect(socket.get(), peer.get(), peer.length), "connect");
}

Socket begin_to_connect(Network network, std::uint16_t port) {
    const int family = network == Network::ipv4 ? AF_INET : AF_INET6;
    Socket socket(check(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket"));
    SocketAddress peer = address(loopback(network), port);
    if (::connect(socket.get(), peer.get(), peer.length) < 0 && errno != EINPROGRESS) {
        check(-1, "connect");
    }
    return socket;
}

Socket accept(const Socket& listener) {
    return Socket(check(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept"));
}

}  // namespace halfclosed::ground
