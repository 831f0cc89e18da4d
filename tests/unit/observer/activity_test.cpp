#include "observer/activity.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <thread>

#include "posix/file.h"

namespace halfclosed {
namespace {

Activity activity(std::uint64_t inuse, std::uint64_t received, std::uint64_t sent) {
    Activity result;
    result.sockstat.inuse = inuse;
    result.sockstat.inuse6 = 0;
    result.segments = {received, sent, 40};
    return result;
}

TEST(ALookAtANamespace, WalksUnlessNothingCanHaveBecomeHalfClosed) {
    const Activity idle = activity(50, 100, 90);
    EXPECT_TRUE(needs_walk(std::nullopt, idle, 0)) << "never looked at";
    EXPECT_FALSE(needs_walk(idle, idle, 0)) << "connections, and no segment since";
    EXPECT_FALSE(needs_walk(idle, idle, 10)) << "what is followed is asked for by name";
    EXPECT_TRUE(needs_walk(idle, idle, 1'000)) << "a walk is cheaper";
    EXPECT_TRUE(needs_walk(idle, activity(50, 101, 90), 0)) << "a FIN may have come";
    EXPECT_TRUE(needs_walk(idle, activity(50, 100, 91), 0)) << "or gone";
    EXPECT_TRUE(needs_walk(idle, activity(51, 100, 90), 0)) << "a socket that no segment brought";
    EXPECT_FALSE(needs_walk(idle, activity(49, 100, 90), 1)) << "one that a timer ended";
}

TEST(ALookAtANamespace, WalksWhereAConnectionWasClosedAndNoSegmentTellsOfIt) {
    const Activity idle = activity(50, 100, 90);
    Activity closed = idle;
    --closed.segments.established;
    EXPECT_TRUE(needs_walk(idle, closed, 0));
    EXPECT_FALSE(same_census(idle, closed));
}

// The FIN waits behind what the other side has no room for, and the next probe is some time away.
TEST(ALookAtANamespace, WalksForAFinBehindAClosedWindow) {
    const posix::Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int small = 4096;
    ASSERT_EQ(::setsockopt(listener.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener.get(), any, size), 0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    ASSERT_EQ(::getsockname(listener.get(), any, &size), 0);
    const posix::Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(client.get(), any, size), 0);
    // Until nothing has been taken for so long that the probes are a second and more apart.
    const std::string data(65'536, 'x');
    int stalled = 0;
    for (int step = 0; step < 200 && stalled < 20; ++step) {
        const bool taken = ::send(client.get(), data.data(), data.size(), MSG_DONTWAIT) > 0;
        stalled = taken ? 0 : stalled + 1;
        std::this_thread::sleep_for(std::chrono::milliseconds{taken ? 1 : 100});
    }
    ASSERT_EQ(stalled, 20);
    const Activity before = read_activity();
    ASSERT_EQ(::shutdown(client.get(), SHUT_WR), 0);
    EXPECT_TRUE(needs_walk(before, read_activity(), 0));
}

TEST(ALookAtANamespace, IsWithoutTrafficWhenNoSegmentCameOrWent) {
    const Activity before = activity(50, 100, 90);
    EXPECT_FALSE(without_traffic(std::nullopt, before)) << "never looked at";
    EXPECT_TRUE(without_traffic(before, before));
    EXPECT_TRUE(without_traffic(before, activity(51, 100, 90))) << "one that began to listen";
    EXPECT_FALSE(without_traffic(before, activity(50, 101, 90)));
    EXPECT_FALSE(without_traffic(before, activity(50, 100, 91)));
}

TEST(ALookAtANamespace, NeedsNoWalkWithoutSockets) {
    EXPECT_FALSE(needs_walk(std::nullopt, activity(0, 0, 0), 0));
    EXPECT_FALSE(needs_walk(activity(50, 100, 90), activity(0, 200, 190), 0));
    EXPECT_TRUE(needs_walk(activity(50, 100, 90), activity(0, 200, 190), 1))
        << "what was followed is to be found gone";
    Activity minisocks = activity(0, 0, 0);
    minisocks.sockstat.tw = 1;
    EXPECT_TRUE(needs_walk(std::nullopt, minisocks, 0));
    Activity ipv6 = activity(0, 0, 0);
    ipv6.sockstat.inuse6 = 1;
    EXPECT_TRUE(needs_walk(std::nullopt, ipv6, 0));
}

TEST(ACensusOfANamespace, StandsWhileNothingMoves) {
    const Activity before = activity(50, 100, 90);
    EXPECT_TRUE(same_census(before, before));
    EXPECT_FALSE(same_census(std::nullopt, before));
    EXPECT_FALSE(same_census(before, activity(50, 101, 90)));
    EXPECT_FALSE(same_census(before, activity(49, 100, 90)));
    Activity expired = before;
    expired.sockstat.tw = 1;
    EXPECT_FALSE(same_census(expired, before));
    Activity elsewhere = before;
    elsewhere.sockstat.orphan = 7;
    EXPECT_TRUE(same_census(before, elsewhere)) << "orphans and memory are the whole system's";
}

TEST(Activity, IsOfTheThreadsOwnNamespace) {
    const Activity now = read_activity();
    EXPECT_GT(now.sockstat.sockets_used, 0U);
}

}  // namespace
}  // namespace halfclosed
