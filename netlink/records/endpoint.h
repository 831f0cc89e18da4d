#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace halfclosed {

/// The family of the socket, not of the address: an IPv6 socket may talk to a v4-mapped peer.
enum class Family : std::uint8_t { ipv4, ipv6 };

/// "ipv4" or "ipv6".
const char* name(Family family);

/// An address as the kernel stores it: network byte order; an IPv4 address is the first four bytes, the rest 0.
struct Address {
    Family family = Family::ipv4;
    std::array<std::uint8_t, 16> bytes{};

    bool is_any() const;

    /// fe80::/10 (RFC 4291 section 2.5.6): one on its link, so that it says who only with an interface.
    bool is_link_local() const;
    /// 127.0.0.0/8 and ::1 (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3), v4-mapped too: one of the same namespace.
    bool is_loopback() const;

    /// The same written v4-mapped (RFC 4291 section 2.5.5.2) if it is of IPv4: an IPv4 socket may talk to an IPv6 one.
    std::array<std::uint8_t, 16> as_ipv6() const;
    bool operator==(const Address&) const = default;
};

/// "127.0.0.1", "::1", "::ffff:10.0.0.1".
std::string to_string(const Address& address);

struct Endpoint {
    Address address;
    std::uint16_t port = 0;  ///< host byte order

    bool operator==(const Endpoint&) const = default;
};

/// "127.0.0.1:9999", "[::1]:9999"; with a zone "[fe80::1%eth0]:9999" (RFC 4007 section 11) and
/// "10.0.0.1%eth0:9999".
std::string to_string(const Endpoint& endpoint, const std::string& zone = {});

}  // namespace halfclosed
