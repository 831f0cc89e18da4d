#include "exporters/peer.h"

#include <netinet/in.h>

#include <cstring>

namespace halfclosed::exporters {

std::string peer_name(const sockaddr* address) {
    if (address->sa_family == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, address, sizeof ipv4);
        return {reinterpret_cast<const char*>(&ipv4.sin_addr), sizeof ipv4.sin_addr};
    }
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 ipv6{};
        std::memcpy(&ipv6, address, sizeof ipv6);
        return {reinterpret_cast<const char*>(&ipv6.sin6_addr), sizeof ipv6.sin6_addr / 2};
    }
    return {};
}

}  // namespace halfclosed::exporters
