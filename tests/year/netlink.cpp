#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "diag.h"
#include "next.h"
#include "world.h"

// The netlink sockets of sock_diag: real ones, so that they can be bound and asked for their namespace, of which nothing
// passes what is sent and received.

namespace {

year::Diag& diag() {
    static year::Diag instance;
    return instance;
}

}  // namespace

extern "C" {

int socket(int domain, int type, int protocol) noexcept {
    YEAR_REAL(socket);
    const int made = real(domain, type, protocol);
    if (year::world() != nullptr && made >= 0 && domain == AF_NETLINK &&
        protocol == NETLINK_SOCK_DIAG) {
        diag().open(made);
    }
    return made;
}

int close(int descriptor) {
    YEAR_REAL(close);
    if (year::world() != nullptr) {
        diag().close(descriptor);
    }
    return real(descriptor);
}

ssize_t sendto(int socket, const void* bytes, size_t size, int flags, const sockaddr* to,
               socklen_t length) {
    YEAR_REAL(sendto);
    year::World* const world = year::world();
    if (world == nullptr || !diag().is_open(socket)) {
        return real(socket, bytes, size, flags, to, length);
    }
    diag().answer(socket, {static_cast<const std::byte*>(bytes), size}, world->machine(),
                  world->ledger());
    return static_cast<ssize_t>(size);
}

int recvmmsg(int socket, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
    YEAR_REAL(recvmmsg);
    if (year::world() == nullptr || !diag().is_open(socket)) {
        return real(socket, messages, count, flags, timeout);
    }
    unsigned came = 0;
    for (; came < count; ++came) {
        const std::string datagram = diag().take(socket);
        if (datagram.empty()) {
            break;
        }
        msghdr& header = messages[came].msg_hdr;
        const std::size_t size = std::min(datagram.size(), header.msg_iov->iov_len);
        std::memcpy(header.msg_iov->iov_base, datagram.data(), size);
        const sockaddr_nl kernel{AF_NETLINK, 0, 0, 0};
        std::memcpy(header.msg_name, &kernel, sizeof kernel);
        header.msg_namelen = sizeof kernel;
        header.msg_flags = size < datagram.size() ? MSG_TRUNC : 0;
        messages[came].msg_len = static_cast<unsigned>(size);
    }
    if (came == 0) {
        errno = EAGAIN;
        return -1;
    }
    return static_cast<int>(came);
}
}
