#include "exporters/snapshot/addresses.h"

#include <gtest/gtest.h>

#include "exporters/sample_snapshot.h"

namespace halfclosed::exporters {

namespace {

SocketIdentity socket_of(const std::string& local, const std::string& remote,
                         std::uint32_t interface) {
    SocketIdentity socket;
    socket.local = endpoint(local, 9999);
    socket.remote = endpoint(remote, 40000);
    socket.interface = interface;
    return socket;
}

const InterfaceNames kNames{{2, "eth0"}};

}  // namespace

TEST(Addresses, ALinkLocalOneBearsItsInterface) {
    const SocketIdentity socket = socket_of("fe80::1", "fe80::2", 2);
    EXPECT_EQ(local_address(socket, kNames), "[fe80::1%eth0]:9999");
    EXPECT_EQ(remote_address(socket, kNames), "[fe80::2%eth0]:40000");
    EXPECT_EQ(bound_address(socket, kNames), "[fe80::1%eth0]:9999");
}

TEST(Addresses, AnInterfaceWithoutANameIsCalledByItsNumber) {
    EXPECT_EQ(local_address(socket_of("fe80::1", "fe80::2", 7), kNames), "[fe80::1%7]:9999");
    EXPECT_EQ(interface_name(7, kNames), "7");
}

TEST(Addresses, OfASocketThatIsBoundToAnInterfaceSayItWherePeopleRead) {
    const SocketIdentity socket = socket_of("10.0.0.1", "10.0.0.2", 2);
    EXPECT_EQ(bound_address(socket, kNames), "10.0.0.1%eth0:9999");
    EXPECT_EQ(local_address(socket, kNames), "10.0.0.1:9999");
    EXPECT_EQ(remote_address(socket, kNames), "10.0.0.2:40000");
}

TEST(Addresses, WithoutAnInterfaceAreBare) {
    EXPECT_EQ(bound_address(socket_of("2001:db8::1", "fe80::2", 0), kNames), "[2001:db8::1]:9999");
    EXPECT_EQ(remote_address(socket_of("2001:db8::1", "fe80::2", 0), kNames), "[fe80::2]:40000");
    EXPECT_FALSE(endpoint("fec0::1", 1).address.is_link_local());
    EXPECT_TRUE(endpoint("febf::1", 1).address.is_link_local());
}

}  // namespace halfclosed::exporters
