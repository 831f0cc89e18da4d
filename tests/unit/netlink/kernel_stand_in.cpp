#include "kernel_stand_in.h"

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace halfclosed::netlink {

namespace {
KernelStandIn* standing_in = nullptr;
}

KernelStandIn::KernelStandIn() {
    standing_in = this;
}

KernelStandIn::~KernelStandIn() {
    standing_in = nullptr;
}

/// What waits in a socket is gone when it is closed. The next one may have its number, but not its inode.
void KernelStandIn::forget_other_sockets(int descriptor) {
    struct stat status {};
    fstat(descriptor, &status);
    if (std::exchange(inode_, status.st_ino) != status.st_ino) {
        arrivals_.clear();
    }
}

std::optional<long> KernelStandIn::send(int descriptor, const void* data, std::size_t length) {
    forget_other_sockets(descriptor);
    if (send_error_) {
        errno = *send_error_;
        send_error_.reset();
        return -1;
    }
    nlmsghdr request{};
    std::memcpy(&request, data, sizeof request);
    requests_.push_back(request.nlmsg_type);
    answering_ = !answers_.empty();
    if (!answering_) {
        return std::nullopt;
    }
    for (Arrival& arrival : answers_.front()(request.nlmsg_seq)) {
        arrivals_.push_back(std::move(arrival));
    }
    answers_.pop_front();
    return static_cast<long>(length);
}

std::optional<long> KernelStandIn::receive(msghdr* message) {
    ++calls_;
    if (!answering_) {
        return std::nullopt;
    }
    if (arrivals_.empty()) {
        errno = EAGAIN;
        return -1;
    }
    const Arrival arrival = std::move(arrivals_.front());
    arrivals_.pop_front();
    if (arrival.error != 0) {
        errno = arrival.error;
        return -1;
    }
    sockaddr_nl sender{};
    sender.nl_family = AF_NETLINK;
    sender.nl_pid = arrival.sender;
    std::memcpy(message->msg_name, &sender, sizeof sender);
    message->msg_namelen = sizeof sender;
    message->msg_flags = arrival.truncated ? MSG_TRUNC : 0;
    const std::size_t length = std::min(arrival.datagram.size(), message->msg_iov->iov_len);
    std::memcpy(message->msg_iov->iov_base, arrival.datagram.data(), length);
    return static_cast<long>(length);
}

}  // namespace halfclosed::netlink

// The dynamic linker finds these before the C library's.
extern "C" {

ssize_t sendto(int descriptor, const void* data, size_t length, int flags, const sockaddr* to,
               socklen_t to_length) {
    using halfclosed::netlink::standing_in;
    if (standing_in != nullptr) {
        if (const auto result = standing_in->send(descriptor, data, length)) {
            return *result;
        }
    }
    return syscall(SYS_sendto, descriptor, data, length, flags, to, to_length);
}

int recvmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
    using halfclosed::netlink::standing_in;
    if (standing_in != nullptr) {
        unsigned came = 0;
        for (; came < count; ++came) {
            const auto length = standing_in->receive(&messages[came].msg_hdr);
            if (!length) {
                break;
            }
            if (*length < 0) {
                return came == 0 ? -1 : static_cast<int>(came);
            }
            messages[came].msg_len = static_cast<unsigned>(*length);
        }
        if (came > 0) {
            return static_cast<int>(came);
        }
    }
    return static_cast<int>(syscall(SYS_recvmmsg, descriptor, messages, count, flags, timeout));
}

int poll(pollfd* descriptors, nfds_t count, int timeout) {
    using halfclosed::netlink::standing_in;
    if (standing_in != nullptr && standing_in->has_something()) {
        descriptors->revents = POLLIN;
        return 1;
    }
    return static_cast<int>(syscall(SYS_poll, descriptors, count, timeout));
}

}  // extern "C"
