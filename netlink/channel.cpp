#include "netlink/channel.h"

#include <libmnl/libmnl.h>
#include <poll.h>
#include <sys/socket.h>

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
constexpr std::size_t kBufferSize = 64 * 1024;

}  // namespace

void Channel::Close::operator()(mnl_socket* socket) const {
    mnl_socket_close(socket);
}

Channel::Channel(int bus, const char* attempt)
    : bus_(bus), attempt_(attempt), buffer_(kBufferSize) {
}

Channel::~Channel() = default;

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

std::span<const std::byte> Channel::receive(const char* attempt) {
    const auto deadline = Clock::now() + kSilence;
    while (true) {
        // mnl_socket_recvfrom() hides who sent the datagram, and that is what has to be known.
        sockaddr_nl sender{};
        iovec buffer{buffer_.data(), buffer_.size()};
        msghdr message{};
        message.msg_name = &sender;
        message.msg_namelen = sizeof sender;
        message.msg_iov = &buffer;
        message.msg_iovlen = 1;
        const ssize_t received = recvmsg(descriptor(), &message, MSG_DONTWAIT);
        if (received < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                throw Error::from_errno(Reason::socket, attempt, errno);
            }
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
            if (left <= std::chrono::milliseconds::zero()) {
                throw Error(Reason::timeout, attempt, "no answer within 2 s");
            }
            pollfd readable{descriptor(), POLLIN, 0};
            poll(&readable, 1, static_cast<int>(left.count()));
            continue;
        }
        if (message.msg_namelen != sizeof sender || sender.nl_pid != 0) {
            ++foreign_datagrams_;
            if (Clock::now() >= deadline) {
                throw Error(Reason::foreign_sender, attempt,
                            "for 2 s only datagrams that the kernel did not send");
            }
            continue;
        }
        if ((message.msg_flags & MSG_TRUNC) != 0) {
            throw Error(Reason::truncated, attempt,
                        "a datagram of more than " + std::to_string(buffer_.size()) + " bytes");
        }
        return std::span(buffer_).first(static_cast<std::size_t>(received));
    }
}

}  // namespace halfclosed::netlink
