#include "http/listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>

namespace halfclosed::http {
namespace {

std::string message_of(const std::string& address) {
    try {
        const Listener listener(address);
        return "listening on " + listener.address();
    } catch (const std::exception& error) {
        return error.what();
    }
}

TEST(ParseListenAddress, RefusesWhatIsNoAddress) {
    for (const char* text : {"",
                             ":",
                             "10999",
                             "127.0.0.1",
                             "127.0.0.1:",
                             "127.0.0.1:x",
                             "127.0.0.1:70000",
                             "127.0.0.1:-1",
                             "127.0.0.1:+1",
                             "127.0.0.1:010999",
                             "example.org:10999",
                             "localhost",
                             "*",
                             "*.*:10999",
                             "[*]:10999",
                             "[localhost]:10999",
                             "::1:10999",
                             "[::1]",
                             "[::1]10999",
                             "[127.0.0.1]:10999",
                             "1.2.3:99999",
                             "256.0.0.1:1",
                             "[]:1",
                             "unix:/tmp/x",
                             "127.0.0.1:10999 "}) {
        EXPECT_THROW(parse_listen_address(text), std::invalid_argument) << text;
    }
    for (const char* text : {"127.0.0.1:0", "0.0.0.0:10999", "[::1]:65535", "[::]:1", "*:10999",
                             ":10999", "localhost:10999"}) {
        EXPECT_NO_THROW(parse_listen_address(text)) << text;
    }
}

TEST(ParseListenAddress, NamesTheValueAndWhatIsExpected) {
    EXPECT_EQ(message_of("example.org:1"),
              "cannot listen on example.org:1: expected ADDRESS:PORT, such as 127.0.0.1:10999, "
              "[::1]:10999, localhost:10999 or, for every address, *:10999");
}

TEST(Listener, AStarIsEveryAddressAndLocalhostIsThisMachine) {
    for (const char* text : {"*:0", ":0"}) {
        const Listener every(text);
        const std::string address = every.address();
        // Taken on the loopback of IPv4 too: nobody else can have the port there.
        EXPECT_EQ(message_of("127.0.0.1" + address.substr(address.rfind(':'))),
                  "cannot listen on 127.0.0.1" + address.substr(address.rfind(':')) +
                      ": Address already in use");
        EXPECT_TRUE(address.starts_with("[::]:") || address.starts_with("0.0.0.0:")) << address;
    }
    EXPECT_TRUE(Listener("localhost:0").address().starts_with("127.0.0.1:"));
}

TEST(Listener, PortZeroLetsTheKernelChoose) {
    const Listener listener("127.0.0.1:0");
    EXPECT_TRUE(listener.address().starts_with("127.0.0.1:"));
    EXPECT_FALSE(listener.address().ends_with(":0"));
    const Listener ipv6("[::1]:0");
    EXPECT_TRUE(ipv6.address().starts_with("[::1]:"));
}

TEST(Listener, ABusyAddressIsNamed) {
    const Listener first("127.0.0.1:0");
    EXPECT_EQ(message_of(first.address()),
              "cannot listen on " + first.address() + ": Address already in use");
}

TEST(Listener, AnAddressOfAnotherMachineIsNamed) {
    EXPECT_EQ(message_of("192.0.2.1:10999"),
              "cannot listen on 192.0.2.1:10999: Cannot assign requested address");
}

TEST(Listener, ClosesWhatItOpened) {
    int descriptor = -1;
    {
        const Listener listener("127.0.0.1:0");
        descriptor = listener.descriptor();
        EXPECT_EQ(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
        EXPECT_NE(fcntl(descriptor, F_GETFL) & O_NONBLOCK, 0);
    }
    EXPECT_EQ(fcntl(descriptor, F_GETFD), -1);
}

TEST(Listener, AdoptsAListeningSocketAndNothingElse) {
    const Listener opened("127.0.0.1:0");
    const int passed = dup(opened.descriptor());
    const Listener adopted = Listener::adopt(passed);
    EXPECT_EQ(adopted.address(), opened.address());
    EXPECT_EQ(fcntl(passed, F_GETFD), FD_CLOEXEC);

    const int unbound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_THROW(Listener::adopt(unbound), std::runtime_error);
    EXPECT_NE(fcntl(unbound, F_GETFD), -1) << "still the caller's";
    close(unbound);
    const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_THROW(Listener::adopt(file), std::runtime_error);
    close(file);
}

}  // namespace
}  // namespace halfclosed::http
