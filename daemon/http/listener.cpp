#include "http/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace halfclosed::http {

namespace {

[[noreturn]] void refuse(const std::string& text) {
    throw std::invalid_argument("cannot listen on " + text +
                                ": expected ADDRESS:PORT, such as 127.0.0.1:10999, [::1]:10999, "
                                "localhost:10999 or, for every address, *:10999");
}

int option(int descriptor, int name) {
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

bool set(int descriptor, int level, int name, int value = 1) {
    return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

/// Connections wait in the kernel until their first byte is there, or some seconds are over: those that say nothing
/// take no descriptor, and a request that was sent at once is there when accept() returns (tcp(7)). Not every kind of
/// socket has it, and nothing depends on it.
void defer_silent_connections(int descriptor) {
    constexpr int kSeconds = 5;
    set(descriptor, IPPROTO_TCP, TCP_DEFER_ACCEPT, kSeconds);
}

/// Whether [::] can be bound: not where IPv6 was left out or switched off (net.ipv6.conf.all.disable_ipv6 leaves it).
bool has_ipv6() {
    const int descriptor = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    const bool bound =
        descriptor >= 0 && bind(descriptor, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return bound;
}

}  // namespace

ListenAddress parse_listen_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
        refuse(text);
    }
    std::string host = text.substr(0, colon);
    const std::string port = text.substr(colon + 1);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    const bool digits = !port.empty() && port.size() <= 5 &&
                        port.find_first_not_of("0123456789") == std::string::npos;
    ListenAddress result;
    result.every = !bracketed && (host.empty() || host == "*");
    if (result.every) {
        host = "::";
    } else if (host == "localhost") {
        host = "127.0.0.1";
    }
    if (!digits || std::stoi(port) > 65535 ||
        (bracketed || result.every) != (host.find(':') != std::string::npos)) {
        refuse(text);
    }
    const auto address = posix::SocketAddress::numeric(host, port);
    if (!address) {
        refuse(text);
    }
    result.address = *address;
    return result;
}

Listener::Listener(const std::string& text) {
    ListenAddress where = parse_listen_address(text);
    if (where.every && !has_ipv6()) {
        where = parse_listen_address("0.0.0.0" + text.substr(text.rfind(':')));
    }
    Listener opened(
        Adopted{socket(where.address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)});
    const int fd = opened.descriptor_;
    // SO_REUSEADDR: connections of the run before may still be in TIME-WAIT.
    const bool listening = fd >= 0 && set(fd, SOL_SOCKET, SO_REUSEADDR) &&
                           (where.address.family() != AF_INET6 ||
                            set(fd, IPPROTO_IPV6, IPV6_V6ONLY, where.every ? 0 : 1)) &&
                           bind(fd, where.address.data(), where.address.size()) == 0 &&
                           listen(fd, SOMAXCONN) == 0;
    if (!listening) {
        throw ListenError("cannot listen on " + text + ": " + std::strerror(errno));
    }
    defer_silent_connections(fd);
    descriptor_ = std::exchange(opened.descriptor_, -1);
}

Listener Listener::adopt(int descriptor) {
    if (option(descriptor, SO_ACCEPTCONN) != 1 || option(descriptor, SO_TYPE) != SOCK_STREAM) {
        throw ListenError("cannot listen on file descriptor " + std::to_string(descriptor) +
                          ": not a listening stream socket");
    }
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    defer_silent_connections(descriptor);
    return Listener(Adopted{descriptor});
}

Listener::~Listener() {
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
}

Listener::Listener(Listener&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {
}

std::string Listener::address() const {
    const auto address = posix::SocketAddress::of_socket(descriptor_);
    return address ? to_string(*address) : "file descriptor " + std::to_string(descriptor_);
}

}  // namespace halfclosed::http
