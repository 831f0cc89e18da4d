#include "http/draining_sockets.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace halfclosed::http {
namespace {

using namespace std::chrono_literals;

constexpr DrainingSockets::Clock::time_point kDrained{};

/// A connection over loopback whose reader has a small window.
struct Connection {
    Connection() {
        const posix::Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(bind(listener.get(), generic, length), 0);
        EXPECT_EQ(listen(listener.get(), 1), 0);
        getsockname(listener.get(), generic, &length);
        reader = posix::Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int small = 1;
        setsockopt(reader.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        EXPECT_EQ(connect(reader.get(), generic, length), 0);
        writer = posix::Descriptor(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }

    /// As the server does once the answer is written.
    void close_into(DrainingSockets& draining) {
        draining.keep_if_unsent(writer.get(), kDrained);
        writer = {};
    }

    /// More than the reader's window; returns how much.
    ssize_t write() {
        const std::string text(64 * 1024, 'x');
        const ssize_t sent =
            send(writer.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        EXPECT_GT(sent, 8 * 1024);
        return sent;
    }

    /// All that comes until the end; -1 behind a reset.
    ssize_t read_all() {
        std::array<char, 65536> buffer{};
        ssize_t total = 0;
        while (true) {
            const ssize_t got = recv(reader.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (got < 0) {
                return errno == EAGAIN ? total : -1;
            }
            if (got == 0) {
                return total;
            }
            total += got;
        }
    }

    posix::Descriptor reader;
    posix::Descriptor writer;
};

TEST(DrainingSockets, WhatWasReadIsNotKept) {
    DrainingSockets draining;
    Connection connection;
    connection.close_into(draining);
    EXPECT_EQ(draining.size(), 0U);
}

TEST(DrainingSockets, ASlowReaderGetsEveryByte) {
    DrainingSockets draining;
    Connection connection;
    const ssize_t sent = connection.write();
    connection.close_into(draining);
    EXPECT_EQ(draining.size(), 1U);
    ssize_t got = 0;
    for (int i = 0; i < 2000 && draining.size() > 0; ++i) {
        got += connection.read_all();
        draining.look(kDrained + 1s);
        usleep(1000);
    }
    got += connection.read_all();
    EXPECT_EQ(got, sent);
    EXPECT_EQ(draining.size(), 0U);
}

TEST(DrainingSockets, WhoDoesNotReadIsResetInTime) {
    DrainingSockets draining;
    Connection connection;
    connection.write();
    connection.close_into(draining);
    draining.look(kDrained + DrainingSockets::kPatience - 1ms);
    EXPECT_EQ(draining.size(), 1U);
    draining.look(kDrained + DrainingSockets::kPatience);
    EXPECT_EQ(draining.size(), 0U);
    EXPECT_EQ(connection.read_all(), -1);
}

TEST(DrainingSockets, TheOldestGivesWay) {
    DrainingSockets draining;
    std::array<Connection, DrainingSockets::kPlaces + 1> connections;
    for (Connection& connection : connections) {
        connection.write();
        connection.close_into(draining);
    }
    EXPECT_EQ(draining.size(), DrainingSockets::kPlaces);
    EXPECT_EQ(connections[0].read_all(), -1);
    EXPECT_GE(connections[1].read_all(), 0);
}

}  // namespace
}  // namespace halfclosed::http
