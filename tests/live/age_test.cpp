// How old a socket is that was there before we looked, against what we know of it. The application and the peer do
// what hides the FIN's ACK; the estimate must say so, or be right.

#include "tracking/age.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>

#include "ground/kinds.h"
#include "ground/private_namespace.h"
#include "netlink/session.h"

namespace halfclosed {

using namespace std::chrono_literals;

using ground::Connection;
using ground::Network;
using tracking::Age;
using tracking::Side;

namespace {

using Clock = std::chrono::steady_clock;

/// A jiffy at HZ=100, twice.
constexpr auto kTick = 20ms;

void sleep(std::chrono::milliseconds time) {
    usleep(static_cast<useconds_t>(time.count() * 1'000));
}

/// The server's end, in CLOSE-WAIT, beside the truth.
struct Dated {
    Age age;
    std::chrono::nanoseconds truth;
};

/// `before` and `after` the client's FIN something happens; then there is a second to get old in.
Dated date(const std::function<void(Connection&)>& before,
           const std::function<void(Connection&)>& after) {
    Connection connection = ground::establish(Network::ipv4, Side::client);
    before(connection);
    connection.client.shut_down();
    const auto fin = Clock::now();
    sleep(300ms);
    after(connection);
    sleep(700ms);

    const auto record = end_of(connection, Side::server, ground::look());
    if (!record) {
        throw std::runtime_error("the server's end is gone");
    }
    EXPECT_EQ(record->state, TcpState::close_wait);
    const auto found = netlink::Session().get(identity(*record), true);
    const auto truth = Clock::now() - fin;
    return {tracking::estimate_age(found->record, found->info), truth};
}

void nothing(Connection&) {
}

void expect_exact(const Dated& dated) {
    EXPECT_EQ(dated.age.kind, Age::Kind::estimated);
    EXPECT_LE(dated.age.value, dated.truth + kTick);
    EXPECT_GE(dated.age.value, dated.truth - 50ms);
}

void expect_lower_bound(const Dated& dated) {
    EXPECT_EQ(dated.age.kind, Age::Kind::at_least);
    EXPECT_LE(dated.age.value, dated.truth + kTick);
    ASSERT_TRUE(dated.age.at_most);
    EXPECT_GE(*dated.age.at_most, dated.truth - 50ms);
}

}  // namespace

TEST(AnOldCloseWait, IsDatedExactlyWhereNothingWasSent) {
    expect_exact(date([](Connection&) { sleep(400ms); }, nothing));
}

// The connection was new: nobody can tell the FIN's ACK from the handshake's, and it does not matter.
TEST(AnOldCloseWait, IsDatedExactlyWhereTheFinCameAtOnce) {
    expect_exact(date(nothing, nothing));
}

TEST(AnOldCloseWait, IsDatedExactlyWhereDataCameWithTheFin) {
    expect_exact(date(
        [](Connection& c) {
            c.server.write("question");
            c.client.read(8);
            c.client.write("answer");
        },
        nothing));
}

TEST(AnOldCloseWait, IsDatedExactlyWhereDataWasExchangedLongBefore) {
    expect_exact(date(
        [](Connection& c) {
            c.client.write("question");
            c.server.read(8);
            c.server.write("answer");
            c.client.read(6);
            sleep(500ms);
        },
        nothing));
}

TEST(AnOldCloseWait, HasALowerBoundWhereTheServerWroteAfterTheFin) {
    expect_lower_bound(date([](Connection&) { sleep(400ms); },
                            [](Connection& c) {
                                c.server.write("late");
                                c.client.read(4);
                            }));
}

// The peer's ACK of what was written after the FIN comes 40 ms later, many round trips of a loopback.
TEST(AnOldCloseWait, HasALowerBoundWhereTheAckOfALateWriteWasDelayed) {
    expect_lower_bound(date(
        [](Connection& c) {
            // Out of the quick ACKs of a new connection: the client answers at once, as in a dialogue.
            for (int i = 0; i < 20; ++i) {
                c.server.write("question");
                c.client.read(8);
                c.client.write("answer");
                c.server.read(6);
            }
            sleep(400ms);
        },
        [](Connection& c) { c.server.write("late"); }));
}

TEST(AnOldCloseWait, HasALowerBoundWhereProbesWereAnswered) {
    expect_lower_bound(date([](Connection&) { sleep(400ms); },
                            [](Connection& c) {
                                c.server.set(IPPROTO_TCP, TCP_KEEPIDLE, 1, "TCP_KEEPIDLE");
                                c.server.set(SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE");
                            }));
}

// Data behind a closed window: its probes are answered, and none of them is dated.
TEST(AnOldCloseWait, HasALowerBoundWhereWindowProbesWereAnswered) {
    const Dated dated = date([](Connection& c) { c.server.fill(); }, nothing);
    EXPECT_LE(dated.age.value, dated.truth + kTick);
    if (dated.age.kind == Age::Kind::estimated) {
        EXPECT_GE(dated.age.value, dated.truth - 50ms);
    }
}

// With either sysctl the kernel says how much is left of its time, and not how much there was: TCP_LINGER2 is not told.
TEST(AnOldMinisock, InFinWait2IsDatedByABound) {
    ground::set_sysctl("net/ipv4/tcp_fin_timeout", "60");
    Connection connection = ground::establish(Network::ipv4, Side::server);
    connection.server.set(IPPROTO_TCP, TCP_LINGER2, 10, "TCP_LINGER2");
    connection.server.close();
    sleep(300ms);
    const auto record = end_of(connection, Side::server, ground::look());
    ASSERT_TRUE(record);
    EXPECT_EQ(record->state, TcpState::fin_wait2);
    EXPECT_LT(record->timer.expires, 10s) << "50 s of a minute would be gone";
    EXPECT_EQ(tracking::estimate_age(*record, std::nullopt), (Age{0s, Age::Kind::at_least}));
}

TEST(AnOldMinisock, InTimeWaitIsDatedByWhatIsGoneOfItsMinute) {
    for (const ground::Kind& kind : ground::kinds()) {
        if (!kind.first || kind.first->state != TcpState::time_wait) {
            continue;
        }
        const auto start = Clock::now();
        const Connection connection = make(kind, Network::ipv6, Side::server);
        sleep(300ms);
        const auto record = end_of(connection, Side::server, ground::look());
        ASSERT_TRUE(record) << kind.name;
        const Age age = tracking::estimate_age(*record, std::nullopt);
        EXPECT_EQ(age.kind, Age::Kind::estimated);
        EXPECT_GE(age.value, 300ms - kTick) << kind.name;
        EXPECT_LE(age.value, Clock::now() - start + kTick) << kind.name;
    }
}

}  // namespace halfclosed
