#include "exporters/http/peer_key.h"

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

}  // namespace halfclosed::exporters
