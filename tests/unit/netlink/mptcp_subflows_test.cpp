#include "netlink/mptcp_subflows.h"

#include <gtest/gtest.h>

namespace halfclosed::netlink {

namespace {

const Endpoint kServer{{Family::ipv4, {127, 0, 0, 1}}, 9999};
const Endpoint kClient{{Family::ipv4, {127, 0, 0, 1}}, 40000};
const Endpoint kOtherPath{{Family::ipv4, {192, 0, 2, 7}}, 40001};

SocketRecord socket_of(std::uint32_t inode, const Endpoint& local, const Endpoint& remote,
                       TcpState state = TcpState::close_wait) {
    SocketRecord record;
    record.inode = inode;
    record.local = local;
    record.remote = remote;
    record.state = state;
    return record;
}

}  // namespace

TEST(MptcpSubflows, BearTheInodeOfTheirConnectionOnEveryPath) {
    MptcpSubflows subflows;
    subflows.add_connection(socket_of(77, kServer, kClient));
    EXPECT_TRUE(subflows.contains(socket_of(77, kServer, kClient, TcpState::established)));
    EXPECT_TRUE(subflows.contains(socket_of(77, kServer, kOtherPath)));
    EXPECT_FALSE(subflows.contains(socket_of(78, kServer, kOtherPath)));
}

// The client has closed; its connection has no inode any more, the subflow keeps its own.
TEST(MptcpSubflows, HaveTheAddressesOfAConnectionThatNobodyHolds) {
    MptcpSubflows subflows;
    subflows.add_connection(socket_of(0, kClient, kServer, TcpState::fin_wait2));
    EXPECT_TRUE(subflows.contains(socket_of(79, kClient, kServer, TcpState::established)));
    EXPECT_TRUE(subflows.contains(socket_of(0, kClient, kServer, TcpState::fin_wait2)));
    EXPECT_FALSE(subflows.contains(socket_of(0, kServer, kClient)));
}

TEST(MptcpSubflows, OfAListenerHasItsInodeForAnotherMayShareItsAddress) {
    const Endpoint nobody{{Family::ipv4, {}}, 0};
    MptcpSubflows subflows;
    subflows.add_connection(socket_of(77, kServer, nobody, TcpState::listen));
    EXPECT_TRUE(subflows.contains(socket_of(77, kServer, nobody, TcpState::listen)));
    EXPECT_FALSE(subflows.contains(socket_of(78, kServer, nobody, TcpState::listen)));
}

TEST(MptcpSubflows, WithoutConnectionsThereAreNone) {
    EXPECT_FALSE(MptcpSubflows().contains(socket_of(0, kServer, kClient)));
}

}  // namespace halfclosed::netlink
