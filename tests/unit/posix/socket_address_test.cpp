#include "posix/socket_address.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace halfclosed::posix {
namespace {

TEST(SocketAddress, NumericTakesAddressesAndNoNames) {
    const auto ipv4 = SocketAddress::numeric("127.0.0.1", "9999");
    ASSERT_TRUE(ipv4);
    EXPECT_EQ(to_string(*ipv4), "127.0.0.1:9999");
    EXPECT_EQ(ipv4->family(), AF_INET);
    const auto ipv6 = SocketAddress::numeric("::1", "80");
    ASSERT_TRUE(ipv6);
    EXPECT_EQ(to_string(*ipv6), "[::1]:80");
    EXPECT_EQ(ipv6->host(), "::1");
    EXPECT_EQ(ipv6->port(), "80");
    for (const char* text : {"localhost", "127.0.0.256", "nowhere.invalid"}) {
        EXPECT_FALSE(SocketAddress::numeric(text, "80")) << text;
    }
    EXPECT_FALSE(SocketAddress::numeric("127.0.0.1", "http"));
}

TEST(SocketAddress, ResolveNamesTheHostThatIsNone) {
    try {
        SocketAddress::resolve("nowhere.invalid", "80");
        FAIL() << "found";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(std::string(error.what()).rfind("nowhere.invalid: ", 0), 0U) << error.what();
    }
}

TEST(SocketAddress, OfASocketIsWhatItIsBoundTo) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto unbound = SocketAddress::of_socket(descriptor);
    ASSERT_TRUE(unbound);
    EXPECT_EQ(to_string(*unbound), "0.0.0.0:0");
    EXPECT_FALSE(SocketAddress::of_peer(descriptor)) << "it is not connected";
    close(descriptor);
    EXPECT_FALSE(SocketAddress::of_socket(descriptor));
}

}  // namespace
}  // namespace halfclosed::posix
