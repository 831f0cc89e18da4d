#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct mnl_socket;

namespace halfclosed::netlink {

/// A netlink socket of the calling thread's network namespace, which it keeps alive while it is open, and a buffer for
/// what the kernel sends. Every failure is an Error{socket, timeout, foreign_sender, truncated}.
class Channel {
 public:
    /// `bus` is the kernel's: NETLINK_SOCK_DIAG. `attempt` goes into the error of open().
    Channel(int bus, const char* attempt);
    ~Channel();

    void open();
    void close();
    bool is_open() const { return socket_ != nullptr; }
    int descriptor() const;

    void send(std::span<const std::byte> request, const char* attempt);

    /// One datagram of the kernel's, valid until the next call. What others send is dropped. Waits for two seconds.
    ///
    /// `expected`: so many will be asked for in a row, this one among them. Those that are there, 32 at most, are taken
    /// with one system call and share the buffer: one that is longer than its share, 2 KiB at least, is truncated.
    std::span<const std::byte> receive(const char* attempt, std::size_t expected = 1);

    /// Datagrams dropped so far because their sender was not the kernel.
    std::uint64_t foreign_datagrams() const { return foreign_datagrams_; }

 private:
    struct Close {
        void operator()(mnl_socket* socket) const;
    };

    static constexpr std::size_t kMostAtOnce = 32;

    bool take_what_is_there(const char* attempt, std::size_t expected);

    struct Arrived {
        std::span<const std::byte> datagram;
        bool foreign = false;
        bool truncated = false;
    };

    int bus_;
    const char* attempt_;
    std::unique_ptr<mnl_socket, Close> socket_;
    std::vector<std::byte> buffer_;
    std::array<Arrived, kMostAtOnce> arrived_;
    std::size_t taken_ = 0;  ///< of arrived_: so many came
    std::size_t given_ = 0;  ///< and so many of them were looked at
    std::uint64_t foreign_datagrams_ = 0;
};

}  // namespace halfclosed::netlink
