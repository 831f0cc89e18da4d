#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace halfclosed::ground {

/// How two ends talk: over IPv4, over IPv6, or IPv4 between two IPv6 sockets.
enum class Network : std::uint8_t { ipv4, ipv6, mapped };

inline constexpr Network kNetworks[] = {Network::ipv4, Network::ipv6, Network::mapped};

/// "ipv4", "ipv6", "mapped".
const char* name(Network network);

/// A TCP socket of this process, closed at the end of its life. Everything throws std::system_error when the kernel
/// refuses, so that a test ends where its ground gives way.
class Socket {
 public:
    Socket() = default;
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~Socket() { close(); }

    static Socket create(Network network);

    int get() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }

    void set(int level, int option, int value, const char* what);

    /// The port that this end is bound to.
    std::uint16_t port() const;

    /// The kernel's 64-bit name of the socket (SO_COOKIE).
    std::uint64_t cookie() const;

    void close();

    /// close() that sends a reset: SO_LINGER with no time.
    void reset();

    /// Our FIN; the descriptor stays open.
    void shut_down();

    void write(const std::string& data);

    /// Writes until the peer's window and our buffer are full: what is written later, and our FIN, waits behind it.
    void fill();

    /// What is there, at most `length` bytes; empty at end-of-file.
    std::string read(std::size_t length);

 private:
    int descriptor_ = -1;
};

void bind_to(Socket& socket, Network network, std::uint16_t port);

/// Bound to the loopback address of `network` and listening; port 0: any free one.
Socket listen(Network network, std::uint16_t port, int backlog = 128);

/// A socket that connects to `port` of the loopback address, and has done so when this returns.
Socket connect(Network network, std::uint16_t port);

/// Connects a socket that may be bound already.
void connect_to(Socket& socket, Network network, std::uint16_t port);

/// A socket that has begun to connect.
Socket begin_to_connect(Network network, std::uint16_t port);

Socket accept(const Socket& listener);

}  // namespace halfclosed::ground
