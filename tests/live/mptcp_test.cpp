// MPTCP as the kernel has it: the connection and the TCP sockets that carry it.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "ground/socket.h"
#include "host/netstat.h"
#include "netlink/recording.h"
#include "netlink/session.h"
#include "observer/observer.h"
#include "tracking/census.h"

namespace halfclosed {

namespace {

using namespace std::chrono_literals;

constexpr int kMptcp = 262;

/// A listener of MPTCP on loopback, a connection to it that both ends have, and the port. The client has closed.
struct HalfClosed {
    ground::Socket listener{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, kMptcp)};
    ground::Socket server;
    std::uint16_t port = 0;

    HalfClosed() {
        if (!listener.is_open()) {
            return;  // this kernel has no MPTCP
        }
        ground::bind_to(listener, ground::Network::ipv4, 0);
        EXPECT_EQ(::listen(listener.get(), 8), 0);
        port = listener.port();
        ground::Socket client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, kMptcp));
        sockaddr_in peer{};
        peer.sin_family = AF_INET;
        peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        peer.sin_port = htons(port);
        EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer),
                  0);
        server = ground::accept(listener);
    }
};

std::vector<SocketRecord> look(netlink::Session& session, std::uint16_t port,
                               StateSet states = kAllStates) {
    std::vector<SocketRecord> records;
    session.dump_with_mptcp({states, {{port, port}}},
                            [&](const SocketRecord& record) { records.push_back(record); });
    return records;
}

/// The socket in this state whose local port it is, of the connections that a user has; waits for it.
std::vector<SocketRecord> wait_for(netlink::Session& session, std::uint16_t port, TcpState state) {
    std::vector<SocketRecord> found;
    for (int attempt = 0; attempt < 300 && found.empty(); ++attempt) {
        std::this_thread::sleep_for(10ms);
        for (const SocketRecord& record : look(session, port)) {
            if (record.state == state && record.local.port == port &&
                record.protocol != Protocol::mptcp_subflow) {
                found.push_back(record);
            }
        }
    }
    return found;
}

}  // namespace

TEST(Mptcp, AConnectionIsOneSocketOfItsPortAndItsSubflowIsNone) {
    HalfClosed ground;
    if (!ground.listener.is_open()) {
        GTEST_SKIP() << "this kernel has no MPTCP";
    }
    netlink::Session session;
    const auto found = wait_for(session, ground.port, TcpState::close_wait);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].protocol, Protocol::mptcp);
    EXPECT_NE(found[0].inode, 0u);

    tracking::Census census(tracking::WatchedPorts({{ground.port, ground.port}}),
                            Instant{std::chrono::hours{1}});
    std::size_t subflows = 0;
    for (const SocketRecord& record : look(session, ground.port)) {
        census.add(record);
        subflows += record.protocol == Protocol::mptcp_subflow ? 1 : 0;
        EXPECT_NE(record.protocol, Protocol::tcp) << to_string(record.local) << name(record.state);
    }
    EXPECT_EQ(subflows, 3u) << "of the listener, the server's end and the client's";
    const auto counts = census.socket_counts();
    using enum tracking::Custody;
    EXPECT_EQ(counts.count(0, tracking::Side::server, TcpState::close_wait, process), 1u);
    EXPECT_EQ(counts.count(0, tracking::Side::server, TcpState::listen, process), 1u);
    EXPECT_EQ(counts.count(0, tracking::Side::server, TcpState::established, process), 0u);
}

// The observer asks for MPTCP only where the kernel has counted any.
TEST(Mptcp, TheObserverFollowsItFromTheFirstConnectionOn) {
    HalfClosed ground;
    if (!ground.listener.is_open()) {
        GTEST_SKIP() << "this kernel has no MPTCP";
    }
    EXPECT_TRUE(host::mptcp_was_used());
    Observer::Settings settings;
    settings.ports = {{ground.port, ground.port}};
    Observer observer(settings);
    std::vector<SocketRecord> found;
    for (int attempt = 0; attempt < 300 && found.empty(); ++attempt) {
        std::this_thread::sleep_for(10ms);
        observer.poll();
        for (const tracking::TrackedSocket& socket : observer.take_snapshot().sockets) {
            if (socket.record.state == TcpState::close_wait) {
                found.push_back(socket.record);
            }
        }
    }
    ASSERT_EQ(found.size(), 1U) << "the connection, and no subflow beside it";
    EXPECT_EQ(found[0].protocol, Protocol::mptcp);
}

TEST(Mptcp, AnExactGetFindsItUntilItIsGone) {
    HalfClosed ground;
    if (!ground.listener.is_open()) {
        GTEST_SKIP() << "this kernel has no MPTCP";
    }
    netlink::Session session;
    const auto found = wait_for(session, ground.port, TcpState::close_wait);
    ASSERT_EQ(found.size(), 1u);
    const SocketIdentity identity = halfclosed::identity(found[0]);
    ASSERT_TRUE(session.get(identity));
    EXPECT_EQ(session.get(identity)->record.state, TcpState::close_wait);
    ground.server.close();
    bool gone = false;
    for (int attempt = 0; attempt < 300 && !gone; ++attempt) {
        std::this_thread::sleep_for(10ms);
        gone = !session.get(identity);
    }
    EXPECT_TRUE(gone);
}

TEST(Mptcp, IsInARecordingBehindWhatSsReads) {
    HalfClosed ground;
    if (!ground.listener.is_open()) {
        GTEST_SKIP() << "this kernel has no MPTCP";
    }
    netlink::Session session;
    ASSERT_EQ(wait_for(session, ground.port, TcpState::close_wait).size(), 1u);
    char* text = nullptr;
    std::size_t length = 0;
    std::FILE* file = open_memstream(&text, &length);
    netlink::write_recording(session, {{ground.port, ground.port}}, file);
    std::fclose(file);
    const std::unique_ptr<char, void (*)(void*)> owner(text, std::free);
    const netlink::Recording recording =
        netlink::read_recording(std::as_bytes(std::span(text, length)), "recording");
    EXPECT_EQ(recording.ports, (std::vector<PortRange>{{ground.port, ground.port}}));
    std::size_t connections = 0;
    for (const SocketRecord& record : recording.records) {
        EXPECT_NE(record.protocol, Protocol::tcp);
        connections +=
            record.protocol == Protocol::mptcp && record.state == TcpState::close_wait ? 1 : 0;
    }
    EXPECT_EQ(connections, 1u);
}

}  // namespace halfclosed
