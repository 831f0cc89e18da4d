#pragma once

#include <stdexcept>
#include <string>

#include "posix/socket_address.h"

namespace halfclosed::http {

/// The address or the socket cannot be listened on: "cannot listen on 127.0.0.1:10999: Address already in use".
class ListenError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// Where to listen: a numeric address and a port.
struct ListenAddress {
    posix::SocketAddress address;
    bool every = false;  ///< IPv4 beside the address, which is then [::]
};

/// "127.0.0.1:10999", "[::1]:10999"; "*:10999" and ":10999" are every address, of IPv6 and of IPv4, and "localhost:10999"
/// is 127.0.0.1; port 0 lets the kernel choose. Other names are not looked up: a page that is meant for this machine
/// must not end up elsewhere. Throws std::invalid_argument with the value and what is expected.
ListenAddress parse_listen_address(const std::string& text);

/// An open, non-blocking, listening TCP socket.
class Listener {
 public:
    /// Binds and listens; an IPv6 address is IPv6 alone, and every address is IPv4's if there is no IPv6. Throws
    /// std::invalid_argument as parse_listen_address(), and ListenError.
    explicit Listener(const std::string& address);

    /// Takes over a socket that somebody else opened, as systemd does for socket activation. Throws
    /// ListenError if it is not a listening stream socket; the descriptor is then still
    /// the caller's.
    static Listener adopt(int descriptor);

    ~Listener();
    Listener(Listener&& other) noexcept;
    Listener(const Listener&) = delete;
    Listener& operator=(Listener&&) = delete;
    Listener& operator=(const Listener&) = delete;

    int descriptor() const { return descriptor_; }

    /// The address that the socket is bound to, with the port that the kernel chose.
    std::string address() const;

 private:
    struct Adopted {
        int descriptor;
    };
    explicit Listener(Adopted adopted) : descriptor_(adopted.descriptor) {}

    int descriptor_ = -1;
};

}  // namespace halfclosed::http
