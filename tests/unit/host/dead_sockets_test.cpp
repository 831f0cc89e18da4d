#include "host/dead_sockets.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace halfclosed::host {
namespace {

/// The inode of an open descriptor of ours.
SocketInode inode_of(int descriptor) {
    struct stat status {};
    EXPECT_EQ(::fstat(descriptor, &status), 0);
    return static_cast<SocketInode>(status.st_ino);
}

Holder ours(int descriptor) {
    return {.pid = ::getpid(), .descriptor = descriptor};
}

/// Both ends of a connection over loopback; the first is reset by the second.
std::pair<int, int> connected() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), length), 0);
    const int server = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    ::close(listener);
    return {server, client};
}

}  // namespace

TEST(LookAtDescriptor, OfASocketThatWasResetFindsItOpenUntilItIsClosed) {
    const auto [server, client] = connected();
    const SocketInode inode = inode_of(server);
    const linger at_once{1, 0};
    ::setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(client);
    EXPECT_EQ(look_at_descriptor(ours(server), inode), DescriptorLook::open);
    ::close(server);
    EXPECT_EQ(look_at_descriptor(ours(server), inode), DescriptorLook::closed);
}

TEST(LookAtDescriptor, OfAnotherFileUnderTheSameNumberFindsItClosed) {
    const auto [server, client] = connected();
    const SocketInode inode = inode_of(server);
    EXPECT_EQ(::dup2(client, server), server);
    EXPECT_EQ(look_at_descriptor(ours(server), inode), DescriptorLook::closed);
    ::close(server);
    ::close(client);
}

TEST(LookAtDescriptor, OfASocketOfAnotherProtocolIsNotOurs) {
    const int udp = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(look_at_descriptor(ours(udp), inode_of(udp)), DescriptorLook::closed);
    ::close(udp);
}

TEST(LookAtDescriptor, OfAProcessThatHasEndedFindsItClosed) {
    EXPECT_EQ(look_at_descriptor({4'194'304, 3, {}}, 1), DescriptorLook::closed);
}

}  // namespace halfclosed::host
