#include "tracking/watched_ports.h"

#include <gtest/gtest.h>

#include "sockets.h"

namespace halfclosed::tracking {

namespace {

using Labels = std::vector<std::string>;

SocketRecord between(std::uint16_t local, std::uint16_t remote) {
    return held({Cookie{1}, ipv4(1, local), ipv4(1, remote)}, TcpState::close_wait);
}

PortMatch watched(std::size_t label, std::uint16_t port, Side side) {
    return {label, port, side};
}

}  // namespace

TEST(WatchedPorts, APortHasALabelOfItsOwn) {
    EXPECT_EQ(WatchedPorts({{9999, 9999}}).labels(), (Labels{"9999"}));
    EXPECT_EQ(WatchedPorts({{9999, 9999}, {80, 80}}).labels(), (Labels{"80", "9999"}));
    EXPECT_EQ(WatchedPorts({}).labels(), Labels{});
}

TEST(WatchedPorts, ARangeOfSixteenIsSixteenPortsAndAWiderOneIsOneLabel) {
    EXPECT_EQ(WatchedPorts({{1000, 1015}}).labels().size(), 16u);
    EXPECT_EQ(WatchedPorts({{1000, 1015}}).labels().back(), "1015");
    EXPECT_EQ(WatchedPorts({{1000, 1016}}).labels(), (Labels{"1000-1016"}));
    EXPECT_EQ(WatchedPorts({{1, 65535}}).labels(), (Labels{"1-65535"}));
}

TEST(WatchedPorts, APortThatIsNamedTwiceHasOneLabel) {
    EXPECT_EQ(WatchedPorts({{80, 80}, {80, 80}}).labels(), (Labels{"80"}));
    EXPECT_EQ(WatchedPorts({{80, 82}, {81, 84}}).labels(), (Labels{"80", "81", "82", "83", "84"}));
    EXPECT_EQ(WatchedPorts({{9999, 9999}, {9000, 10000}}).labels(), (Labels{"9000-10000"}));
    EXPECT_EQ(WatchedPorts({{100, 200}, {150, 300}}).labels(), (Labels{"100-200", "201-300"}));
    EXPECT_EQ(WatchedPorts({{100, 65535}, {65535, 65535}}).labels(), (Labels{"100-65535"}));
}

TEST(WatchedPorts, TheLocalPortMakesTheServerAndTheRemoteOneTheClient) {
    const WatchedPorts watch({{80, 80}, {9999, 9999}});
    EXPECT_EQ(watch.match(between(9999, 40000)), watched(1, 9999, Side::server));
    EXPECT_EQ(watch.match(between(40000, 9999)), watched(1, 9999, Side::client));
    EXPECT_EQ(watch.match(between(80, 40000)), watched(0, 80, Side::server));
    EXPECT_EQ(watch.match(between(40000, 40001)), std::nullopt);
    EXPECT_EQ(watch.match(between(9999, 80)), watched(1, 9999, Side::server));
}

TEST(WatchedPorts, ARangeEndsWhereItSays) {
    const WatchedPorts watch({{1000, 1999}, {3000, 3999}});
    EXPECT_EQ(watch.match(between(999, 40000)), std::nullopt);
    EXPECT_EQ(watch.match(between(1000, 40000)), watched(0, 1000, Side::server));
    EXPECT_EQ(watch.match(between(1999, 40000)), watched(0, 1999, Side::server));
    EXPECT_EQ(watch.match(between(2000, 40000)), std::nullopt);
    EXPECT_EQ(watch.match(between(40000, 3999)), watched(1, 3999, Side::client));
    EXPECT_EQ(watch.match(between(40000, 4000)), std::nullopt);
}

TEST(WatchedPorts, NothingIsWatchedWithoutPorts) {
    EXPECT_EQ(WatchedPorts({}).match(between(9999, 9999)), std::nullopt);
}

// Every port by every watch: the labels say what match() does.
TEST(WatchedPorts, ThePortsOfALabelAreTheOnesThatMatchIt) {
    const WatchedPorts watch({{1, 3}, {100, 200}, {150, 300}, {65530, 65535}});
    for (unsigned port = 0; port <= 65535; ++port) {
        const auto found = watch.match(between(static_cast<std::uint16_t>(port), 0));
        const bool wanted =
            (1 <= port && port <= 3) || (100 <= port && port <= 300) || port >= 65530;
        ASSERT_EQ(found.has_value(), wanted) << port;
        if (found) {
            EXPECT_EQ(found->port, port);
            EXPECT_TRUE(watch.ports()[found->label].contains(static_cast<std::uint16_t>(port)));
        }
    }
}

TEST(WatchedPorts, TheSidesHaveTheirNamesOfTheContract) {
    EXPECT_STREQ(name(Side::server), "server");
    EXPECT_STREQ(name(Side::client), "client");
}

}  // namespace halfclosed::tracking
