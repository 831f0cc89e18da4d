#include "observer/listener_match.h"

#include <gtest/gtest.h>

#include "sockets.h"

namespace halfclosed {
namespace {

using Inodes = std::vector<host::SocketInode>;

Endpoint at(std::uint8_t last_byte, std::uint16_t port = 9999) {
    Endpoint endpoint;
    endpoint.port = port;
    if (last_byte != 0) {
        endpoint.address.bytes = {127, 0, 0, last_byte};
    }
    return endpoint;
}

SocketRecord listener(host::SocketInode inode, const Endpoint& local) {
    SocketRecord record;
    record.state = TcpState::listen;
    record.local = local;
    record.inode = inode;
    record.cgroup_id = 7;
    return record;
}

SocketRecord waiting(const Endpoint& local) {
    SocketRecord record;
    record.state = TcpState::close_wait;
    record.local = local;
    record.cgroup_id = 7;
    return record;
}

TEST(ListenerMatch, TheOwnAddressGoesBeforeAny) {
    const ListenerMatch match({listener(1, at(0)), listener(2, at(1)), listener(3, at(2))});
    EXPECT_EQ(match.inodes_of(waiting(at(1))), Inodes{2});
    EXPECT_EQ(match.inodes_of(waiting(at(3))), Inodes{1});
}

TEST(ListenerMatch, OfAnotherPortFamilyOrDeviceIsNone) {
    SocketRecord ipv6 = listener(2, at(0));
    ipv6.family = Family::ipv6;
    SocketRecord bound = listener(3, at(0));
    bound.interface = 5;
    const ListenerMatch match({listener(1, at(0, 80)), ipv6, bound});
    EXPECT_TRUE(match.inodes_of(waiting(at(1))).empty());
    SocketRecord on_device = waiting(at(1));
    on_device.interface = 5;
    EXPECT_EQ(match.inodes_of(on_device), Inodes{3});
}

TEST(ListenerMatch, OfThoseThatShareAPortTheCgroupTells) {
    SocketRecord other = listener(2, at(0));
    other.cgroup_id = 8;
    EXPECT_EQ(ListenerMatch({listener(1, at(0)), other}).inodes_of(waiting(at(1))), Inodes{1});
    EXPECT_EQ(ListenerMatch({listener(1, at(0)), listener(2, at(0))}).inodes_of(waiting(at(1))),
              (Inodes{1, 2}));
}

TEST(ListenerMatch, WhatDoesNotListenIsNone) {
    SocketRecord connection = listener(1, at(0));
    connection.state = TcpState::established;
    EXPECT_TRUE(ListenerMatch({connection}).inodes_of(waiting(at(1))).empty());
    EXPECT_TRUE(ListenerMatch({listener(0, at(0))}).inodes_of(waiting(at(1))).empty());
}

}  // namespace
}  // namespace halfclosed
