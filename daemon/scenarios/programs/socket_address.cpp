#include "scenarios/programs/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace halfclosed::programs {

Endpoint endpoint_of(const sockaddr_storage& address) {
    Endpoint endpoint;
    if (address.ss_family == AF_INET6) {
        sockaddr_in6 ipv6{};
        std::memcpy(&ipv6, &address, sizeof ipv6);
        endpoint.address.family = Family::ipv6;
        std::memcpy(endpoint.address.bytes.data(), &ipv6.sin6_addr, sizeof ipv6.sin6_addr);
        endpoint.port = ntohs(ipv6.sin6_port);
    } else {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, &address, sizeof ipv4);
        std::memcpy(endpoint.address.bytes.data(), &ipv4.sin_addr, sizeof ipv4.sin_addr);
        endpoint.port = ntohs(ipv4.sin_port);
    }
    return endpoint;
}

}  // namespace halfclosed::programs
