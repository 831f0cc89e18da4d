#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "bytes.h"

namespace halfclosed::netlink {

/// Stands between a Session and the kernel, at the system calls by which they talk: this program's own sendto(),
/// recvmmsg() and poll() come before the C library's. What it does not answer goes to the real kernel.
class KernelStandIn {
 public:
    /// What comes of one message of a recvmmsg(): a datagram, or an errno.
    struct Arrival {
        Bytes datagram;
        std::uint32_t sender = 0;  ///< netlink port; 0 is the kernel
        bool truncated = false;    ///< MSG_TRUNC
        int error = 0;
    };
    /// From the sequence number of a request to what comes for it.
    using Answer = std::function<std::vector<Arrival>(std::uint32_t sequence)>;

    KernelStandIn();
    ~KernelStandIn();
    KernelStandIn(const KernelStandIn&) = delete;
    KernelStandIn& operator=(const KernelStandIn&) = delete;

    /// The next request is answered so. Requests beyond those go to the kernel.
    void expect(Answer answer) { answers_.push_back(std::move(answer)); }

    /// errno of the next sendto().
    void refuse_to_send(int error) { send_error_ = error; }

    /// The types of the requests that came, in order.
    const std::vector<std::uint16_t>& requests() const { return requests_; }

    /// Messages that were asked for so far.
    int calls() const { return calls_; }

    std::optional<long> send(int descriptor, const void* data, std::size_t length);
    std::optional<long> receive(msghdr* message);
    bool has_something() const { return answering_ && !arrivals_.empty(); }

 private:
    void forget_other_sockets(int descriptor);

    std::deque<Answer> answers_;
    std::deque<Arrival> arrivals_;
    std::vector<std::uint16_t> requests_;
    std::optional<int> send_error_;
    bool answering_ = false;  ///< the last request was ours to answer
    int calls_ = 0;
    ino_t inode_ = 0;  ///< of the socket that sent last
};

}  // namespace halfclosed::netlink
