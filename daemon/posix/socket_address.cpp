#include "posix/socket_address.h"

#include <netdb.h>

#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace halfclosed::posix {

namespace {

/// Returns getaddrinfo()'s error code, 0 for success.
int look_up(const std::string& host, const std::string& port, int flags,
            std::vector<SocketAddress>& result) {
    addrinfo hints{};
    hints.ai_flags = flags;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
    if (error != 0) {
        return error;
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        SocketAddress& address = result.emplace_back();
        std::memcpy(address.data(), each->ai_addr, each->ai_addrlen);
        *address.size_pointer() = each->ai_addrlen;
    }
    return 0;
}

std::optional<SocketAddress> ask(int (*call)(int, sockaddr*, socklen_t*), int descriptor) {
    SocketAddress address;
    const bool known = call(descriptor, address.data(), address.size_pointer()) == 0 &&
                       (address.family() == AF_INET || address.family() == AF_INET6);
    return known ? std::optional(address) : std::nullopt;
}

}  // namespace

std::optional<SocketAddress> SocketAddress::numeric(const std::string& host,
                                                    const std::string& port) {
    std::vector<SocketAddress> found;
    if (look_up(host, port, AI_NUMERICHOST | AI_NUMERICSERV, found) != 0) {
        return std::nullopt;
    }
    return found.front();
}

std::vector<SocketAddress> SocketAddress::resolve(const std::string& host,
                                                  const std::string& port) {
    std::vector<SocketAddress> found;
    const int error = look_up(host, port, 0, found);
    if (error != 0) {
        throw std::runtime_error(host + ": " + gai_strerror(error));
    }
    return found;
}

std::optional<SocketAddress> SocketAddress::of_socket(int descriptor) {
    return ask(getsockname, descriptor);
}

std::optional<SocketAddress> SocketAddress::of_peer(int descriptor) {
    return ask(getpeername, descriptor);
}

std::string SocketAddress::host() const {
    std::array<char, NI_MAXHOST> text{};
    getnameinfo(data(), size_, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    return text.data();
}

std::string SocketAddress::port() const {
    std::array<char, NI_MAXSERV> text{};
    getnameinfo(data(), size_, nullptr, 0, text.data(), text.size(), NI_NUMERICSERV);
    return text.data();
}

std::string to_string(const SocketAddress& address) {
    const std::string host = address.host();
    return (address.family() == AF_INET6 ? "[" + host + "]" : host) + ":" + address.port();
}

}  // namespace halfclosed::posix
