#include "records/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>

namespace halfclosed {

const char* name(Family family) {
    return family == Family::ipv4 ? "ipv4" : "ipv6";
}

bool Address::is_any() const {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool Address::is_link_local() const {
    return family == Family::ipv6 && bytes[0] == 0xfe && (bytes[1] & 0xc0U) == 0x80;
}

bool Address::is_loopback() const {
    const std::array<std::uint8_t, 16> ipv6 = as_ipv6();
    const std::uint8_t ipv4 = ipv6[12];
    std::array<std::uint8_t, 16> start{};
    start[10] = start[11] = 0xff;
    const bool mapped = std::equal(start.begin(), start.begin() + 12, ipv6.begin());
    std::array<std::uint8_t, 16> one{};
    one[15] = 1;
    return mapped ? ipv4 == 127 : ipv6 == one;
}

std::array<std::uint8_t, 16> Address::as_ipv6() const {
    if (family == Family::ipv6) {
        return bytes;
    }
    std::array<std::uint8_t, 16> ipv6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    std::copy_n(bytes.begin(), 4, ipv6.begin() + 12);
    return ipv6;
}

std::string to_string(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = address.family == Family::ipv4 ? AF_INET : AF_INET6;
    inet_ntop(family, address.bytes.data(), text.data(), text.size());
    return text.data();
}

std::string to_string(const Endpoint& endpoint, const std::string& zone) {
    const std::string port = std::to_string(endpoint.port);
    const std::string address = to_string(endpoint.address) + (zone.empty() ? "" : "%" + zone);
    if (endpoint.address.family == Family::ipv4) {
        return address + ":" + port;
    }
    return "[" + address + "]:" + port;
}

}  // namespace halfclosed
