#include "exporters/http/peer_key.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

namespace halfclosed::exporters {
namespace {

std::string name_of(const char* text) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
        return peer_name(reinterpret_cast<const sockaddr*>(&ipv4));
    }
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text, &ipv6.sin6_addr), 1);
    return peer_name(reinterpret_cast<const sockaddr*>(&ipv6));
}

TEST(Peer, OneIpv4AddressIsOnePeer) {
    EXPECT_EQ(name_of("192.0.2.1"), name_of("192.0.2.1"));
    EXPECT_NE(name_of("192.0.2.1"), name_of("192.0.2.2"));
}

TEST(Peer, OneIpv6NetworkIsOnePeer) {
    EXPECT_EQ(name_of("2001:db8::1"), name_of("2001:db8::2"));
    EXPECT_NE(name_of("2001:db8::1"), name_of("2001:db8:0:1::1"));
}

TEST(Peer, AnIpv4AddressIsItselfOnASocketForBothFamilies) {
    EXPECT_EQ(name_of("::ffff:192.0.2.1"), name_of("192.0.2.1"));
    EXPECT_NE(name_of("::ffff:192.0.2.1"), name_of("::ffff:192.0.2.2"));
}

}  // namespace
}  // namespace halfclosed::exporters
