// What the table says of sockets that are half-closed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "exact/bpf/layout_in_cpp.h"
#include "lacks.h"
#include "netlink/session.h"
#include "netlink/socket_namespace.h"
#include "posix/clock.h"
#include "tally.h"

namespace halfclosed {

namespace {

using ground::Connection;
using ground::Network;
using tracking::Side;

constexpr std::uint16_t kPort = 9999;

Instant now() {
    return Instant{posix::monotonic_clock_now()};
}

class Table : public testing::Test {
 protected:
    Table() { source_.watch(space_, {{kPort, kPort}}); }

    std::optional<ExactSocket> find(std::uint64_t cookie) const {
        for (const ExactSocket& socket : source_.sockets()) {
            if (socket.identity.cookie == Cookie{cookie}) {
                return socket;
            }
        }
        return std::nullopt;
    }

    exact::Source source_;
    NamespaceId space_ = netlink::own_namespace();
};

TEST_F(Table, HasWhatADumpHasWithTheMomentInWhichItCameIntoItsState) {
    for (const Network network : ground::kNetworks) {
        Batch batch = make_batch(network, Side::server, kPort, 1);
        Connection& connection = batch.connections.front();
        const Instant before = now();
        connection.first().shut_down();
        wait_for(TcpState::fin_wait2, connection.first());
        const Instant after = now();
        for (const SocketRecord& record : ground::look(kHalfClosedStates)) {
            const auto known = find(static_cast<std::uint64_t>(record.cookie));
            ASSERT_TRUE(known) << name(record.state) << " over " << ground::name(network);
            EXPECT_EQ(known->identity, identity(record));
            EXPECT_EQ(known->state, record.state);
            EXPECT_EQ(known->space, space_);
            ASSERT_TRUE(known->since);
            EXPECT_GE(*known->since, before);
            EXPECT_LE(*known->since, after);
        }
        EXPECT_EQ(source_.sockets().size(), 2U);
    }
}

// Then a look need not ask for it.
TEST_F(Table, SaysWhenTheTimeOfAMinisockIsUp) {
    if (const std::string without = left_out_of(source_, "kfree_skb"); !without.empty()) {
        GTEST_SKIP() << without;
    }
    for (const Network network : ground::kNetworks) {
        Batch batch = make_batch(network, Side::server, kPort, 1);
        Connection& connection = batch.connections.front();
        const std::uint64_t cookie = connection.first().cookie();
        connection.first().close();
        std::optional<ExactSocket> known;
        for (int attempt = 0; attempt < 200 && (!known || !known->minisock); ++attempt) {
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
            known = find(cookie);
        }
        ASSERT_TRUE(known && known->minisock) << ground::name(network);
        ASSERT_TRUE(known->expires) << ground::name(network);
        const auto asked = netlink::Session().get(known->identity);
        const Instant then = now();
        ASSERT_TRUE(asked);
        const auto told = *known->expires - then;
        EXPECT_LT(std::chrono::abs(told - asked->record.timer.expires),
                  std::chrono::milliseconds{100})
            << ground::name(network);
    }
}

// Then a look that has a thousand others to ask for need not ask who holds it.
TEST_F(Table, SaysOfCloseWaitWhetherADescriptorHoldsIt) {
    for (const Network network : ground::kNetworks) {
        for (const bool accepted : {true, false}) {
            const ground::Socket listener = ground::listen(network, kPort, 8);
            ground::Socket client = ground::connect(network, kPort);
            std::optional<ground::Socket> server;
            if (accepted) {
                server = ground::accept(listener);
            }
            client.shut_down();
            wait_for(TcpState::fin_wait2, client);
            const std::vector<SocketRecord> waiting = ground::look({TcpState::close_wait});
            ASSERT_EQ(waiting.size(), 1U);
            const auto known = find(static_cast<std::uint64_t>(waiting.front().cookie));
            ASSERT_TRUE(known);
            EXPECT_EQ(known->held, accepted) << ground::name(network);
            EXPECT_EQ(known->held, waiting.front().inode != 0);
        }
    }
}

TEST_F(Table, SaysWhenEndOfFileWasReadAndByWhichThread) {
    if (const std::string without = left_out_of(source_, "sock_recv_length"); !without.empty()) {
        GTEST_SKIP() << without;
    }
    Batch batch = make_batch(Network::ipv4, Side::server, kPort, 1);
    Connection& connection = batch.connections.front();
    connection.first().write("the time");
    connection.first().shut_down();
    const std::uint64_t cookie = connection.second().cookie();
    wait_for(TcpState::fin_wait2, connection.first());
    char none[1];
    EXPECT_EQ(recv(connection.second().get(), none, 0, MSG_DONTWAIT), 0) << "nothing was asked for";
    connection.second().read(100);
    ASSERT_TRUE(find(cookie));
    EXPECT_FALSE(find(cookie)->end_read) << "data was read, not its end";
    std::uint32_t reader = 0;
    const Instant before = now();
    std::thread([&] {
        reader = static_cast<std::uint32_t>(gettid());
        connection.second().read(100);
    }).join();
    const auto known = find(cookie);
    ASSERT_TRUE(known && known->end_read);
    EXPECT_GE(known->end_read->at, before);
    if (known->end_read->thread != 0) {  // in the initial PID namespace
        EXPECT_EQ(known->end_read->thread, reader);
        EXPECT_EQ(known->end_read->process, static_cast<std::uint32_t>(getpid()));
    }
}

TEST_F(Table, KeepsASocketThatWasResetUntilItsDescriptorIsClosed) {
    Batch batch = make_batch(Network::ipv6, Side::server, kPort, 1);
    Connection& connection = batch.connections.front();
    const std::uint64_t cookie = connection.second().cookie();
    connection.first().shut_down();
    wait_for(TcpState::fin_wait2, connection.first());
    connection.first().reset();
    wait_for(TcpState::close, connection.second());
    ASSERT_TRUE(find(cookie));
    EXPECT_EQ(find(cookie)->state, TcpState::close);
    connection.second().close();
    EXPECT_TRUE(eventually([&] { return !find(cookie); }));
}

TEST_F(Table, HasThoseTooWhosePlaceIsTaken) {
    constexpr std::size_t kConnections = 3 * EXACT_PLACES / 4;  // two sockets each
    Batch batch = make_batch(Network::ipv4, Side::server, kPort, kConnections);
    for (Connection& connection : batch.connections) {
        connection.first().shut_down();
    }
    std::map<TcpState, std::size_t> states;
    const auto have_arrived = [&] {
        states.clear();
        for (const ExactSocket& socket : source_.sockets()) {
            ++states[socket.state];
        }
        return states[TcpState::fin_wait2] == kConnections;
    };
    ASSERT_TRUE(eventually(have_arrived));
    EXPECT_EQ(states[TcpState::close_wait], kConnections);
    EXPECT_EQ(source_.sockets().size(), 2 * kConnections);
    for (Connection& connection : batch.connections) {
        connection.second().close();
    }
    EXPECT_TRUE(eventually([&] { return source_.sockets().empty(); }));
}

TEST_F(Table, FollowsToItsEndWhatIsHalfClosedWhenItsPortIsWatchedNoMore) {
    Batch batch = make_batch(Network::ipv4, Side::server, kPort, 1);
    Connection& connection = batch.connections.front();
    connection.first().shut_down();
    wait_for(TcpState::fin_wait2, connection.first());
    source_.watch(space_, {{kPort - 1, kPort - 1}});
    EXPECT_EQ(source_.sockets().size(), 2U);
    connection.second().close();
    EXPECT_TRUE(eventually([&] { return source_.sockets().empty(); }));
    const ExactTotals totals = source_.read();
    EXPECT_EQ(totals.at({space_, kPort, false}).edges[EXACT_LAST_ACK_CLOSE], 1U);
    EXPECT_EQ(totals.at({space_, kPort, true}).edges[EXACT_FIN_WAIT2_TIME_WAIT], 1U);
}

TEST_F(Table, AdoptsWhatWasHalfClosedBeforeAndTellsNoAgeOfIt) {
    Batch batch = make_batch(Network::ipv4, Side::server, kPort, 1);
    Connection& connection = batch.connections.front();
    source_.leave({space_});
    connection.first().shut_down();
    wait_for(TcpState::fin_wait2, connection.first());
    EXPECT_THAT(source_.sockets(), testing::IsEmpty());
    source_.watch(space_, {{kPort, kPort}});
    for (const SocketRecord& record : ground::look(kHalfClosedStates)) {
        source_.adopt({space_, kPort, record.local.port == kPort}, record);
    }
    for (const ExactSocket& socket : source_.sockets()) {
        EXPECT_FALSE(socket.since);
    }
    EXPECT_EQ(source_.sockets().size(), 2U);
    connection.second().close();
    EXPECT_TRUE(eventually([&] { return source_.sockets().empty(); }))
        << "each has taken its last step";
}

TEST_F(Table, HasAHistoryWhereItKeepsAll) {
    source_.keep_all(space_);
    Batch batch = make_batch(Network::ipv4, Side::server, kPort, 1);
    Connection& connection = batch.connections.front();
    const std::uint64_t first = connection.first().cookie();
    const std::uint64_t second = connection.second().cookie();
    if (left_out_of(source_, "kfree_skb").empty()) {
        connection.first().close();
    } else {
        connection.first().shut_down();
    }
    connection.second().read(1);
    connection.second().close();
    const auto over = [&] {
        const auto known = find(second);
        return known && known->state == TcpState::close;
    };
    ASSERT_TRUE(eventually(over));
    const auto came = [&](std::uint64_t cookie, TcpState state) {
        return find(cookie)->entered[static_cast<std::size_t>(state)];
    };
    ASSERT_TRUE(find(first) && find(second));
    EXPECT_LT(Instant{}, came(first, TcpState::fin_wait1));
    EXPECT_LE(came(first, TcpState::fin_wait1), came(first, TcpState::fin_wait2));
    EXPECT_LE(came(first, TcpState::fin_wait2), came(first, TcpState::time_wait));
    EXPECT_LE(came(second, TcpState::close_wait), came(second, TcpState::last_ack));
    EXPECT_LE(came(second, TcpState::last_ack), came(second, TcpState::close));
    EXPECT_EQ(find(first)->state, TcpState::time_wait);
}

}  // namespace

}  // namespace halfclosed
