#include "netlink/socket_namespace.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71  // include/uapi/asm-generic/socket.h, since Linux 5.14
#endif

namespace halfclosed::netlink {

NamespaceId namespace_of(int socket) {
    std::uint64_t cookie = 0;
    socklen_t length = sizeof cookie;
    if (::getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0 &&
        length == sizeof cookie) {
        return NamespaceId{cookie};
    }
    struct stat status {};
    return NamespaceId{::stat("/proc/thread-self/ns/net", &status) == 0 ? status.st_ino : 0};
}

NamespaceId own_namespace() {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const NamespaceId result = namespace_of(socket);
    if (socket >= 0) {
        ::close(socket);
    }
    return result;
}

}  // namespace halfclosed::netlink
