#include "http/peer.h"

#include <netinet/in.h>

#include <cerrno>
#include <cstring>

namespace halfclosed::http {

std::optional<PeerCredentials> peer_credentials(int socket) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) {
        return std::nullopt;
    }
    PeerCredentials peer{credentials.pid, credentials.uid, {credentials.gid}};
    // Asked first with no room: the kernel then says how much is needed (net/core/sock.c:sk_getsockopt).
    length = 0;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, nullptr, &length) < 0 && errno == ERANGE) {
        std::vector<gid_t> more(length / sizeof(gid_t));
        if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, more.data(), &length) == 0) {
            peer.groups.insert(peer.groups.end(), more.begin(), more.end());
        }
    }
    return peer;
}

std::string peer_key(const sockaddr* address) {
    if (address->sa_family == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, address, sizeof ipv4);
        return {reinterpret_cast<const char*>(&ipv4.sin_addr), sizeof ipv4.sin_addr};
    }
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 ipv6{};
        std::memcpy(&ipv6, address, sizeof ipv6);
        // An IPv4 peer of a socket for both: its address is behind the prefix ::ffff:0:0/96 (RFC 4291, 2.5.5.2).
        if (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr)) {
            constexpr std::size_t kPrefix = 12;
            return {reinterpret_cast<const char*>(&ipv6.sin6_addr) + kPrefix,
                    sizeof ipv6.sin6_addr - kPrefix};
        }
        return {reinterpret_cast<const char*>(&ipv6.sin6_addr), sizeof ipv6.sin6_addr / 2};
    }
    return {};
}

Peer peer_of(int socket, const sockaddr* address) {
    if (address->sa_family != AF_UNIX) {
        return {peer_key(address), std::nullopt};
    }
    Peer peer{{}, peer_credentials(socket)};
    if (peer.process) {
        peer.key = "uid " + std::to_string(peer.process->uid);
    }
    return peer;
}

}  // namespace halfclosed::http
