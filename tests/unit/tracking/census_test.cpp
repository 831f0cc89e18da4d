#include "tracking/census.h"

#include <gtest/gtest.h>

#include "sockets.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

SocketRecord listener(std::uint64_t cookie, std::uint32_t waiting, std::uint32_t limit) {
    SocketRecord record = held({Cookie{cookie}, ipv4(0, 9999), ipv4(0, 0)}, listen);
    record.recv_queue = waiting;
    record.send_queue = limit;
    return record;
}

std::vector<Cookie> cookies(const std::vector<SocketRecord>& records) {
    std::vector<Cookie> result;
    for (const SocketRecord& record : records) {
        result.push_back(record.cookie);
    }
    return result;
}

const WatchedPorts kWatch({{9999, 9999}});
const End kStranger{Cookie{50}, ipv4(1, 80), ipv4(1, 50000)};

}  // namespace

// Thousands of them are counted and not followed; the steps that were counted are held against all of them.
TEST(Census, EveryTimeWaitIsConserved) {
    Census census(kWatch);
    constexpr std::size_t all = Census::kMostTimeWaits + 100;
    for (std::uint64_t number = 0; number < all; ++number) {
        census.add(minisock(again(kServer, 100 + number), time_wait, 30s));
    }
    EXPECT_EQ(census.followed().size(), Census::kMostTimeWaits);
    ASSERT_EQ(census.conserved().size(), 1u);
    EXPECT_EQ(census.conserved().begin()->second, static_cast<std::int64_t>(all));
    EXPECT_FALSE(census.has_mptcp());
    SocketRecord mptcp = held(again(kServer, 1), established);
    mptcp.protocol = Protocol::mptcp;
    census.add(mptcp);
    EXPECT_TRUE(census.has_mptcp());
}

TEST(Census, ASocketThatTheDumpHasTwiceCountsOnce) {
    Census census(kWatch);
    for (int i = 0; i < 2; ++i) {
        census.add(held(kServer, close_wait));
        census.add(held(kClient, established));
        census.add(minisock(again(kServer, 3), time_wait, 30s));
        census.add(listener(4, 2, 128));
    }
    EXPECT_EQ(census.socket_counts().count(0, Side::server, close_wait, Custody::process), 1u);
    EXPECT_EQ(census.socket_counts().count(0, Side::client, established, Custody::process), 1u);
    EXPECT_EQ(census.socket_counts().count(0, Side::server, listen, Custody::process), 1u);
    EXPECT_EQ(census.followed().size(), 2u);
    EXPECT_EQ(census.counts(), (KernelCounts{3, 0, 0, 1}));
    EXPECT_EQ(census.accept_queues(), (std::vector<AcceptQueue>{{2, 128, 2.0 / 129}}));
}

TEST(Census, OfAllPortsItTellsTheKernelsCountsOnly) {
    Census census(kWatch);
    census.add(held(kStranger, close_wait));
    census.add(orphaned(again(kStranger, 51), last_ack));
    census.add(minisock(again(kStranger, 52), time_wait, 30s));
    EXPECT_EQ(census.counts(), (KernelCounts{2, 0, 1, 1}));
    EXPECT_EQ(census.socket_counts(), SocketCounts(1));
    EXPECT_TRUE(census.followed().empty());
}

TEST(Census, HandsOverWhatATrackerFollows) {
    Census census(kWatch);
    const std::vector<SocketRecord> records{
        held(again(kServer, 1), close_wait),   orphaned(again(kServer, 2), fin_wait1),
        held(again(kServer, 3), fin_wait2),    orphaned(again(kServer, 4), closing),
        orphaned(again(kServer, 5), last_ack), minisock(again(kServer, 6), time_wait, 30s),
        held(again(kServer, 7), established),  held(again(kServer, 8), syn_sent),
        request_socket(again(kServer, 9)),     held(again(kServer, 10), TcpState::close)};
    for (const SocketRecord& record : records) {
        census.add(record);
    }
    EXPECT_EQ(cookies(census.followed()), (std::vector<Cookie>{Cookie{1}, Cookie{2}, Cookie{3},
                                                               Cookie{4}, Cookie{5}, Cookie{6}}));
    const CookieSet established_ones = census.take_established();
    EXPECT_EQ(established_ones.size(), 1u);
    EXPECT_TRUE(established_ones.contains(Cookie{7}));
}

TEST(Census, AddsUpTheQueuesOfTheListenersOfAPort) {
    Census census(kWatch);
    census.add(listener(1, 2, 128));
    census.add(listener(2, 3, 4'096));  // SO_REUSEPORT, or the other family
    EXPECT_EQ(census.accept_queues(), (std::vector<AcceptQueue>{{5, 4'224, 2.0 / 129}}));
}

// Four SO_REUSEPORT listeners, one worker is stuck: the sum looks well.
TEST(Census, TellsTheFullestQueueForASumHidesIt) {
    Census census(kWatch);
    for (std::uint64_t worker = 1; worker <= 3; ++worker) {
        census.add(listener(worker, 0, 16));
    }
    census.add(listener(4, 17, 16));
    EXPECT_EQ(census.accept_queues(), (std::vector<AcceptQueue>{{17, 64, 1.0}}));
}

TEST(Census, AQueueWithoutABacklogHasRoomForOne) {
    Census census(kWatch);
    census.add(listener(1, 1, 0));
    EXPECT_EQ(census.accept_queues().front().fullest, 1.0);
}

TEST(Census, CountsTheHalfClosedOnOtherPorts) {
    Census census(kWatch);
    census.add(held(kStranger, close_wait));
    census.add(held(again(kStranger, 51), close_wait));
    census.add(minisock(again(kStranger, 52), fin_wait2, 30s));
    census.add(minisock(again(kStranger, 53), time_wait, 30s));
    census.add(held(again(kStranger, 54), established));
    census.add(held(kServer, close_wait));
    EXPECT_EQ(census.unwatched().counts, (std::array<std::uint64_t, 5>{0, 1, 2, 0, 0}));
    EXPECT_EQ(census.unwatched().total(), 3u);
    EXPECT_EQ(census.watched(), 1u);
}

// The subflow is what the kernel counts, the connection is what the user has.
TEST(Census, AnMptcpConnectionIsOneSocketAndItsSubflowNone) {
    SocketRecord connection = held(kServer, close_wait);
    connection.protocol = Protocol::mptcp;
    SocketRecord subflow = held(again(kServer, 2), close_wait);
    subflow.protocol = Protocol::mptcp_subflow;
    SocketRecord elsewhere = held(kStranger, close_wait);
    elsewhere.protocol = Protocol::mptcp_subflow;
    Census census(kWatch);
    for (const SocketRecord& record : {connection, subflow, elsewhere}) {
        census.add(record);
    }
    EXPECT_EQ(census.socket_counts().count(0, Side::server, close_wait, Custody::process), 1u);
    EXPECT_EQ(cookies(census.followed()), (std::vector<Cookie>{kServer.cookie}));
    EXPECT_EQ(census.unwatched().total(), 0u);
    EXPECT_EQ(census.counts(), (KernelCounts{2, 0, 0, 0}));
}

TEST(Census, LearnsWhoListensAndWhoIsAServer) {
    const Instant start{std::chrono::hours{1}};
    Census first(kWatch, start);
    first.add(held({Cookie{9}, ipv4(1, 9999), ipv4(0, 0)}, listen));
    first.add(held(kServer, established));
    const WatchedPorts learnt = first.take_watch();

    // An hour later nobody listens any more.
    Census second(learnt, start + 1h);
    second.add(held(kServer, close_wait));
    second.add(held(again(kServer, 3), close_wait));
    EXPECT_EQ(second.socket_counts().count(0, Side::server, close_wait, Custody::process), 1u);
    EXPECT_EQ(second.socket_counts().count(0, Side::client, close_wait, Custody::process), 1u);
}

TEST(Census, OfEveryPortCountsUnderTheLabelsThatItChose) {
    Census census(WatchedPorts({kEveryPort}), Instant{1h});
    census.add(held({Cookie{9}, ipv4(1, 9999), ipv4(0, 0)}, listen));
    census.add(held(kServer, close_wait));
    census.add(held(kClient, fin_wait2));
    EXPECT_TRUE(census.name_busiest());
    EXPECT_EQ(census.socket_counts().count(0, Side::server, close_wait, Custody::process), 1u);
    EXPECT_EQ(census.socket_counts().count(0, Side::client, fin_wait2, Custody::process), 1u);
    EXPECT_EQ(census.accept_queues().size(), 2u);
    EXPECT_EQ(census.take_watch().labels(), (std::vector<std::string>{"9999", "other"}));
}

TEST(Census, WithoutSocketsThereAreZeros) {
    const Census census(kWatch);
    EXPECT_EQ(census.counts(), KernelCounts{});
    EXPECT_EQ(census.accept_queues(), (std::vector<AcceptQueue>{{0, 0, 0}}));
    EXPECT_EQ(census.socket_counts(), SocketCounts(1));
}

}  // namespace halfclosed::tracking
