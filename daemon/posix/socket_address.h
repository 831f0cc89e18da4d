#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

namespace halfclosed::posix {

/// An IPv4 or IPv6 address with a port, as bind(), accept() and getaddrinfo(3) know it.
class SocketAddress {
 public:
    /// Room for accept(), getsockname() and the like to fill in.
    SocketAddress() = default;

    /// A numeric address; no name is looked up. Nothing if `host` or `port` is none.
    static std::optional<SocketAddress> numeric(const std::string& host, const std::string& port);

    /// Every address of a host of stream sockets, in the order to try them. Throws std::runtime_error with gai_strerror(3)'s
    /// words.
    static std::vector<SocketAddress> resolve(const std::string& host, const std::string& port);

    /// What getsockname(2) and getpeername(2) say; nothing if they fail, or if it is no IPv4 or IPv6 socket.
    static std::optional<SocketAddress> of_socket(int descriptor);
    static std::optional<SocketAddress> of_peer(int descriptor);

    sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage_); }
    const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    socklen_t* size_pointer() { return &size_; }
    socklen_t size() const { return size_; }
    int family() const { return storage_.ss_family; }

    /// "127.0.0.1", "fe80::1%eth0", and "9999": getnameinfo(3)'s numeric texts.
    std::string host() const;
    std::string port() const;

 private:
    sockaddr_storage storage_{};
    socklen_t size_ = sizeof storage_;
};

/// "127.0.0.1:9999", "[::1]:9999".
std::string to_string(const SocketAddress& address);

}  // namespace halfclosed::posix
