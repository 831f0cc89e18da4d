#include "netlink/channel.h"

#include <libmnl/libmnl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string>

#include "netlink/error.h"

namespace halfclosed::netlink {

namespace {

using Clock = std::chrono::steady_clock;

/// A kernel that says nothing for this long has nothing to say.
constexpr std::chrono::milliseconds kSilence{2'000};

/// The kernel fills datagrams of at most 32 KiB, or of the largest buffer it was ever offered if
/// that is less (net/netlink/af_netlink.c:netlink_recvmsg, max_recvmsg_len); pages of 64 KiB may
/// make them larger.
constexpr std::size_t kBufferSize = std::size_t{64} * 1024;

}  // namespace

void Channel::Close::operator()(mnl_socket* socket) const {
    mnl_socket_close(socket);
}

Channel::Channel(int bus, const char* attempt)
    : bus_(bus), attempt_(attempt), buffer_(kBufferSize) {
}

Channel::~Channel() = default;

void Channel::close() {
    socket_.reset();
    given_ = taken_ = 0;
}

void Channel::open() {
    socket_.reset(mnl_socket_open2(bus_, SOCK_CLOEXEC));
    if (!socket_ || mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
        const int error = errno;
        socket_.reset();
        throw Error::from_errno(Reason::socket, attempt_, error);
    }
}

int Channel::descriptor() const {
    return mnl_socket_get_fd(socket_.get());
}

void Channel::send(std::span<const std::byte> request, const char* attempt) {
    if (mnl_socket_sendto(socket_.get(), request.data(), request.size()) < 0) {
        throw Error::from_errno(Reason::socket, attempt, errno);
    }
}

/// False: nothing is there.
bool Channel::take_what_is_there(const char* attempt, std::size_t expected) {
    // mnl_socket_recvfrom() hides who sent the datagram, and that is what has to be known.
    std::array<sockaddr_nl, kMostAtOnce> senders{};
    std::array<iovec, kMostAtOnce> shares{};
    std::array<mmsghdr, kMostAtOnce> messages{};
    const std::size_t count = std::min(expected, kMostAtOnce);
    const std::size_t share = buffer_.size() / count;
    for (std::size_t i = 0; i < count; ++i) {
        shares[i] = {buffer_.data() + i * share, share};
        messages[i].msg_hdr.msg_name = &senders[i];
        messages[i].msg_hdr.msg_namelen = sizeof senders[i];
        messages[i].msg_hdr.msg_iov = &shares[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int came = recvmmsg(descriptor(), messages.data(), static_cast<unsigned>(count),
                              MSG_DONTWAIT, nullptr);
    if (came < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            throw Error::from_errno(Reason::socket, attempt, errno);
        }
        return false;
    }
    given_ = 0;
    taken_ = static_cast<std::size_t>(came);
    for (std::size_t i = 0; i < taken_; ++i) {
        const msghdr& header = messages[i].msg_hdr;
        arrived_[i] = {std::span(buffer_).subspan(i * share, messages[i].msg_len),
                       header.msg_namelen != sizeof senders[i] || senders[i].nl_pid != 0,
                       (header.msg_flags & MSG_TRUNC) != 0};
    }
    return true;
}

std::span<const std::byte> Channel::receive(const char* attempt, std::size_t expected) {
    const auto deadline = Clock::now() + kSilence;
    while (true) {
        if (given_ == taken_ && !take_what_is_there(attempt, expected)) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
            if (left <= std::chrono::milliseconds::zero()) {
                throw Error(Reason::timeout, attempt, "no answer within 2 s");
            }
            pollfd readable{descriptor(), POLLIN, 0};
            poll(&readable, 1, static_cast<int>(left.count()));
            continue;
        }
        const Arrived& next = arrived_[given_++];
        if (next.foreign) {
            ++foreign_datagrams_;
            if (Clock::now() >= deadline) {
                throw Error(Reason::foreign_sender, attempt,
                            "for 2 s only datagrams that the kernel did not send");
            }
            continue;
        }
        if (next.truncated) {
            throw Error(
                Reason::truncated, attempt,
                "a datagram of more than " + std::to_string(next.datagram.size()) + " bytes");
        }
        return next.datagram;
    }
}

}  // namespace halfclosed::netlink
