#include "http/peer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <string>

#include "posix/file.h"

namespace halfclosed::http {
namespace {

std::string name_of(const char* text) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
        return peer_key(reinterpret_cast<const sockaddr*>(&ipv4));
    }
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text, &ipv6.sin6_addr), 1);
    return peer_key(reinterpret_cast<const sockaddr*>(&ipv6));
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

TEST(Peer, TheKernelSaysWhoIsAtTheOtherEnd) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    const posix::Descriptor ours(ends[0]);
    const posix::Descriptor theirs(ends[1]);
    const auto peer = peer_credentials(ours.get());
    ASSERT_TRUE(peer);
    EXPECT_EQ(peer->pid, getpid());
    EXPECT_EQ(peer->uid, geteuid());
    ASSERT_FALSE(peer->groups.empty());
    EXPECT_EQ(peer->groups.front(), getegid());
    const auto supplementary = static_cast<std::size_t>(getgroups(0, nullptr));
    EXPECT_EQ(peer->groups.size(), 1 + supplementary);
}

TEST(Peer, NothingIsSaidOfWhatIsNoSocket) {
    EXPECT_FALSE(peer_credentials(-1));
}

}  // namespace
}  // namespace halfclosed::http
