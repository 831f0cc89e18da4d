// The observer as the daemon uses it, on real connections: what becomes of a leak whose socket the peer resets, and of a
// half-close on purpose.

#include "observer/observer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "exporters/snapshot/leaks.h"
#include "ground/connection.h"

namespace halfclosed {

using namespace std::chrono_literals;

namespace {

Observer::Settings settings(const ground::Connection& connection) {
    Observer::Settings settings;
    settings.ports = {{connection.server_port, connection.server_port}};
    settings.interval = 1ms;
    settings.cpu_share = 1;
    settings.leak_after = 100ms;
    settings.processes = Observer::Processes::of_leaks;
    return settings;
}

/// Polls for so long.
void watch(Observer& observer, std::chrono::milliseconds time) {
    for (auto waited = 0ms; waited < time; waited += 20ms) {
        observer.poll();
        usleep(20'000);
    }
    observer.poll();
}

std::size_t in_close_wait(const exporters::Snapshot& snapshot) {
    return static_cast<std::size_t>(std::count_if(
        snapshot.sockets.begin(), snapshot.sockets.end(),
        [](const auto& socket) { return socket.record.state == TcpState::close_wait; }));
}

}  // namespace

TEST(ALeakThatIsReset, IsToldUntilItsDescriptorIsClosed) {
    ground::Connection connection =
        ground::establish(ground::Network::ipv4, tracking::Side::client);
    connection.client.shut_down();
    Observer observer(settings(connection));
    watch(observer, 400ms);
    EXPECT_EQ(in_close_wait(observer.take_snapshot()), 1U);
    EXPECT_TRUE(observer.take_snapshot().dead.empty());

    connection.client.reset();
    observer.poll();
    const auto snapshot = observer.take_snapshot();
    EXPECT_EQ(in_close_wait(snapshot), 0U);
    ASSERT_EQ(snapshot.dead.size(), 1U);
    const SocketRecord& dead = snapshot.dead[0].socket.record;
    EXPECT_EQ(dead.state, TcpState::close);
    const Owner* owner = snapshot.owner(dead);
    ASSERT_NE(owner, nullptr);
    ASSERT_FALSE(owner->processes.empty());
    EXPECT_EQ(owner->processes[0].pid, getpid());
    watch(observer, 100ms);
    EXPECT_EQ(observer.take_snapshot().dead.size(), 1U);

    connection.server.close();
    observer.poll();
    EXPECT_TRUE(observer.take_snapshot().dead.empty());
}

// What is told of it is told once: looks over /proc may be far apart, and this one does not wait.
TEST(ALeakThatBegins, IsToldWithItsHolder) {
    ground::Connection connection =
        ground::establish(ground::Network::ipv4, tracking::Side::client);
    Observer::Settings rare = settings(connection);
    rare.interval = 1h;
    Observer observer(rare);
    observer.poll();
    connection.client.shut_down();
    for (int i = 0; i < 1'000; ++i) {
        usleep(20'000);
        observer.poll();
        const auto snapshot = observer.take_snapshot();
        const auto leak = std::find_if(
            snapshot.sockets.begin(), snapshot.sockets.end(),
            [&snapshot](const auto& socket) { return exporters::is_leaked(socket, snapshot); });
        if (leak != snapshot.sockets.end()) {
            const Owner* owner = snapshot.owner(leak->record);
            ASSERT_NE(owner, nullptr);
            ASSERT_FALSE(owner->processes.empty());
            EXPECT_EQ(owner->processes[0].pid, getpid());
            return;
        }
    }
    FAIL() << "no leak within 20 s";
}

TEST(ALeakThatIsClosed, LeavesNoDeadSocket) {
    ground::Connection connection =
        ground::establish(ground::Network::ipv6, tracking::Side::client);
    connection.client.shut_down();
    Observer observer(settings(connection));
    watch(observer, 400ms);
    connection.server.close();
    watch(observer, 100ms);
    EXPECT_EQ(in_close_wait(observer.take_snapshot()), 0U);
    EXPECT_TRUE(observer.take_snapshot().dead.empty());
}

TEST(AHalfCloseOnPurpose, IsNoLeakWhileTheAnswerIsSent) {
    ground::Connection connection =
        ground::establish(ground::Network::ipv4, tracking::Side::client);
    Observer observer(settings(connection));
    observer.poll();
    connection.client.shut_down();
    for (int i = 0; i < 20; ++i) {
        connection.server.write("a piece of the answer");
        connection.client.read(100);
        observer.poll();
        usleep(50'000);
    }
    const auto snapshot = observer.take_snapshot();
    ASSERT_EQ(in_close_wait(snapshot), 1U);
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (socket.record.state == TcpState::close_wait) {
            EXPECT_GT(socket.age(snapshot.instant).value, 500ms);
            EXPECT_EQ(socket.cause, tracking::Cause::sending);
            EXPECT_FALSE(exporters::is_leaked(socket, snapshot));
        }
    }
}

}  // namespace halfclosed
