// Real connections, followed to their ends: over each network, and with either side closing first.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "follower.h"
#include "ground/private_namespace.h"

namespace halfclosed {

using namespace std::chrono_literals;

using ground::Connection;
using ground::Network;
using tracking::Side;

namespace {

using Strings = std::vector<std::string>;

class Following : public testing::TestWithParam<std::tuple<Network, Side>> {
 protected:
    Following() {
        ground::set_sysctl("net/ipv4/tcp_fin_timeout", "1");
        connection_ = ground::establish(std::get<0>(GetParam()), std::get<1>(GetParam()));
    }

    /// "first …" and "second …" with the names of the sides.
    static std::string named(const std::string& text) {
        const bool server_first = std::get<1>(GetParam()) == Side::server;
        if (text.rfind("first", 0) == 0) {
            return (server_first ? "server" : "client") + text.substr(5);
        }
        return (server_first ? "client" : "server") + text.substr(6);
    }
    static Strings all_named(Strings texts) {
        for (std::string& text : texts) {
            text = named(text);
        }
        std::sort(texts.begin(), texts.end());
        return texts;
    }
    static Strings sorted(Strings texts) {
        std::sort(texts.begin(), texts.end());
        return texts;
    }

    Connection connection_;
};

TEST_P(Following, ALateClose) {
    Follower follower(connection_, 1s);
    connection_.first().close();
    follower.watch(400ms);
    EXPECT_TRUE(follower.went(named("first fin_wait1 -> fin_wait2")) ||
                follower.went(named("first established -> fin_wait1")));
    EXPECT_TRUE(follower.endings().empty());
    connection_.second().close();
    follower.watch_for(named("second close_wait closed"), 2s);

    EXPECT_EQ(sorted(follower.endings()),
              all_named({"first fin_wait2 peer_closed", "second close_wait closed"}));
    EXPECT_TRUE(follower.went(named("first fin_wait2 -> time_wait")));
    EXPECT_TRUE(follower.went(named("second close_wait -> last_ack")));
    EXPECT_TRUE(follower.went(named("second last_ack -> close")));
    EXPECT_FALSE(follower.went(named("second close_wait -> close")));
    const auto held = follower.held(named("second close_wait -> last_ack"));
    ASSERT_TRUE(held);
    EXPECT_GE(*held, 300ms);
    EXPECT_LE(*held, 800ms);
}

TEST_P(Following, AnExpiry) {
    Follower follower(connection_, 1s);
    connection_.first().close();
    follower.watch_for(named("first fin_wait2 expired"), 3s);
    EXPECT_EQ(follower.endings(), all_named({"first fin_wait2 expired"}));
    const auto held = follower.held(named("first fin_wait2 -> close"));
    ASSERT_TRUE(held);
    EXPECT_GE(*held, 900ms);
    EXPECT_LE(*held, 1'200ms);

    // The FIN that comes too late gets a reset: nobody is left to see it.
    connection_.second().close();
    follower.watch_for(named("second close_wait closed"), 2s);
    EXPECT_EQ(sorted(follower.endings()),
              all_named({"first fin_wait2 expired", "second close_wait closed"}));
    EXPECT_FALSE(follower.went(named("first fin_wait2 -> time_wait")));
}

TEST_P(Following, AWriteIntoFinWait2) {
    Follower follower(connection_, 1s);
    connection_.first().close();
    follower.watch(200ms);
    connection_.second().write("late");
    follower.watch_for(named("second close_wait unknown"), 2s);
    // Something was reset, and two looks do not tell what.
    EXPECT_EQ(sorted(follower.endings()),
              all_named({"first fin_wait2 unknown", "second close_wait unknown"}));
    EXPECT_FALSE(follower.went(named("first fin_wait2 -> close")));
    EXPECT_FALSE(follower.went(named("second close_wait -> close")));
    EXPECT_FALSE(follower.went(named("second close_wait -> last_ack")));
    const auto lasted = follower.ended_after(named("second close_wait unknown"));
    ASSERT_TRUE(lasted) << "how long it lasted is known all the same";
    EXPECT_GE(*lasted, 150ms);
    EXPECT_LE(*lasted, 600ms);
}

TEST_P(Following, ACloseWithUnreadData) {
    Follower follower(connection_, 1s);
    connection_.first().write("twenty-six bytes, as a day");
    connection_.first().close();
    follower.watch(200ms);
    connection_.second().close();
    follower.watch_for(named("second close_wait unknown"), 2s);
    EXPECT_EQ(sorted(follower.endings()),
              all_named({"first fin_wait2 unknown", "second close_wait unknown"}));
}

TEST_P(Following, AFinWait2ThatAProcessHolds) {
    Follower follower(connection_, 1s);
    connection_.first().shut_down();
    follower.watch(1'500ms);
    EXPECT_TRUE(follower.endings().empty()) << "it has no timeout";
    connection_.first().close();
    follower.watch_for(named("first fin_wait2 expired"), 3s);
    EXPECT_EQ(follower.endings(), all_named({"first fin_wait2 expired"}));
    const auto held = follower.held(named("first fin_wait2 -> close"));
    ASSERT_TRUE(held);
    EXPECT_GE(*held, 2'300ms) << "the full socket's time counts too";
    EXPECT_LE(*held, 2'900ms);
}

// A second as a full orphan, a second as a minisock.
TEST_P(Following, AFinTimeoutOf61Seconds) {
    ground::set_sysctl("net/ipv4/tcp_fin_timeout", "61");
    Follower follower(connection_, 61s);
    connection_.first().close();
    follower.watch_for(named("first fin_wait2 expired"), 5s);
    EXPECT_EQ(follower.endings(), all_named({"first fin_wait2 expired"}));
    const auto held = follower.held(named("first fin_wait2 -> close"));
    ASSERT_TRUE(held);
    EXPECT_GE(*held, 1'900ms);
    EXPECT_LE(*held, 2'400ms);
}

INSTANTIATE_TEST_SUITE_P(Linux, Following,
                         testing::Combine(testing::ValuesIn(ground::kNetworks),
                                          testing::ValuesIn(tracking::kSides)),
                         [](const auto& row) {
                             return std::string(ground::name(std::get<0>(row.param))) + "_" +
                                    tracking::name(std::get<1>(row.param)) + "_first";
                         });

// A client with a fixed port closes and connects again at once: the server's TIME-WAIT lives for microseconds.
TEST(FollowingARecycledPort, NothingIsToldThatWasNot) {
    ground::set_sysctl("net/ipv4/tcp_fin_timeout", "60");
    Connection connection;
    connection.listener = ground::listen(Network::ipv4, 0);
    connection.server_port = connection.listener.port();
    connection.client = ground::connect(Network::ipv4, connection.server_port);
    connection.server = ground::accept(connection.listener);
    connection.client_port = connection.client.port();

    Follower follower(connection, 60s);
    connection.server.close();
    follower.watch(300ms);
    connection.client.close();
    ground::Socket again = ground::Socket::create(Network::ipv4);
    again.set(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
    ground::bind_to(again, Network::ipv4, connection.client_port);
    ground::connect_to(again, Network::ipv4, connection.server_port);
    const ground::Socket accepted = ground::accept(connection.listener);

    follower.watch_for("server fin_wait2 unknown", 2s);
    EXPECT_EQ(follower.endings().size(), 2U);
    EXPECT_TRUE(follower.ended_after("server fin_wait2 unknown"));
    EXPECT_TRUE(follower.went("client close_wait -> last_ack")) << "no connection was reset";
    EXPECT_FALSE(follower.went("server fin_wait2 -> close"));
}

// An IPv6 socket that serves both families and an IPv4 client are two ends of one connection.
TEST(FollowingADualStackServer, TheServersTimeWaitIsTheClientsWitness) {
    ground::set_sysctl("net/ipv4/tcp_fin_timeout", "1");
    Connection connection;
    connection.listener = ground::listen(Network::mapped, 0);
    connection.server_port = connection.listener.port();
    connection.client = ground::connect(Network::ipv4, connection.server_port);
    connection.server = ground::accept(connection.listener);
    connection.client_port = connection.client.port();

    Follower follower(connection, 1s);
    connection.server.close();
    follower.watch(300ms);
    connection.client.close();
    follower.watch_for("client close_wait closed", 2s);
    EXPECT_TRUE(follower.went("client close_wait -> last_ack"));
    EXPECT_TRUE(follower.went("server fin_wait2 -> time_wait"));
}

}  // namespace
}  // namespace halfclosed
