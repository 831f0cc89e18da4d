#include "tracking/watched_ports.h"

#include <gtest/gtest.h>

#include "sockets.h"
#include "tracking/socket_counts.h"

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
    EXPECT_EQ(WatchedPorts({{100, 200}, {150, 300}}).labels(), (Labels{"100-200", "201-300"}));
    EXPECT_EQ(WatchedPorts({{100, 65535}, {65535, 65535}}).labels(),
              (Labels{"100-65534", "65535"}));
}

// A port that was named has its effect, also where a range has it too.
TEST(WatchedPorts, TheNarrowestThatHasAPortNamesIt) {
    const WatchedPorts watch({{9000, 10000}, {9999, 9999}, {9100, 9199}});
    EXPECT_EQ(watch.labels(), (Labels{"9000-10000", "9100-9199", "9999"}));
    EXPECT_EQ(watch.match(between(9999, 40000)), watched(2, 9999, Side::server));
    EXPECT_EQ(watch.match(between(9150, 40000)), watched(1, 9150, Side::server));
    for (const std::uint16_t port :
         std::initializer_list<std::uint16_t>{9000, 9099, 9200, 9998, 10000}) {
        EXPECT_EQ(watch.match(between(port, 40000)), watched(0, port, Side::server)) << port;
    }
}

TEST(WatchedPorts, AsLongAsNobodyToldWhoListensTheLocalPortMakesTheServer) {
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
            const std::string& label = watch.labels()[found->label];
            const auto dash = label.find('-');
            EXPECT_LE(std::stoul(label.substr(0, dash)), port);
            EXPECT_GE(std::stoul(dash == label.npos ? label : label.substr(dash + 1)), port);
        }
    }
}

namespace {

const Instant kListening{std::chrono::hours{1}};

SocketRecord listener(const Endpoint& at) {
    return held({Cookie{7}, at, ipv4(0, 0)}, TcpState::listen);
}

WatchedPorts with_listeners(const std::vector<PortRange>& ports,
                            std::initializer_list<SocketRecord> listeners) {
    WatchedPorts watch(ports);
    watch.listeners().begin_look(kListening);
    for (const SocketRecord& record : listeners) {
        watch.listeners().see(record);
    }
    return watch;
}

SocketRecord on(const Endpoint& local, const Endpoint& remote) {
    return held({Cookie{1}, local, remote}, TcpState::close_wait);
}

/// So many sockets of this side have each of these ports.
void count(PortCounts& counts, Side side, std::uint16_t first, std::uint16_t last,
           std::uint64_t sockets) {
    for (unsigned port = first; port <= last; ++port) {
        for (std::uint64_t i = 0; i < sockets; ++i) {
            counts.add({0, static_cast<std::uint16_t>(port), side}, TcpState::established,
                       Custody::process);
        }
    }
}

}  // namespace

TEST(TheSide, IsTheServersWhereTheLocalEndIsListenedTo) {
    const WatchedPorts watch = with_listeners({{9999, 9999}, {5432, 5432}},
                                              {listener(ipv4(1, 9999)), listener(ipv4(1, 5432))});
    EXPECT_EQ(watch.match(on(ipv4(1, 9999), ipv4(1, 40000))), watched(1, 9999, Side::server));
    EXPECT_EQ(watch.match(on(ipv4(1, 40000), ipv4(1, 9999))), watched(1, 9999, Side::client));
    // Another address than the listener's, and another port than any listener's.
    EXPECT_EQ(watch.match(on(ipv4(2, 9999), ipv4(1, 5432))), watched(0, 5432, Side::client));
    EXPECT_EQ(watch.match(on(ipv4(2, 9999), ipv4(1, 80))), watched(1, 9999, Side::client));
}

TEST(TheSide, GoesByTheListenersAddressAndFamily) {
    const Endpoint any{{Family::ipv4, {}}, 9999};
    const Endpoint any6{{Family::ipv6, {}}, 9999};
    const auto side = [](const Endpoint& listening, const Endpoint& local) {
        return with_listeners({{9999, 9999}}, {listener(listening)})
            .match(on(local, mapped(1, 40000)))
            ->side;
    };
    EXPECT_EQ(side(any, ipv4(3, 9999)), Side::server);
    EXPECT_EQ(side(any6, mapped(3, 9999)), Side::server);
    EXPECT_EQ(side(mapped(3, 9999), mapped(3, 9999)), Side::server);
    EXPECT_EQ(side(mapped(3, 9999), mapped(4, 9999)), Side::client);
    EXPECT_EQ(side(any6, ipv4(3, 9999)), Side::client) << "an IPv6 listener has IPv6 children";
}

TEST(TheSide, OfTwoEphemeralPortsInARangeIsTheOneThatIsListenedTo) {
    const WatchedPorts watch = with_listeners({{1, 65535}}, {listener(ipv4(1, 5432))});
    EXPECT_EQ(watch.match(on(ipv4(1, 5432), ipv4(1, 40000))), watched(0, 5432, Side::server));
    EXPECT_EQ(watch.match(on(ipv4(1, 40000), ipv4(1, 5432))), watched(0, 5432, Side::client));
    EXPECT_EQ(watch.match(on(ipv4(1, 40000), ipv4(9, 443))), watched(0, 443, Side::client));
}

TEST(TheSide, IsTheServersInAnAcceptQueueAndInTheHandshakeToo) {
    const WatchedPorts watch = with_listeners({{9999, 9999}}, {});
    EXPECT_EQ(watch.match(unaccepted(kServer, TcpState::close_wait))->side, Side::server);
    EXPECT_EQ(watch.match(request_socket(kServer))->side, Side::server);
    EXPECT_EQ(watch.match(held(kServer, TcpState::syn_sent))->side, Side::client);
}

// Whoever opens and closes listeners at ever new addresses does not fill the memory with them.
TEST(TheSide, OfMoreListenersThanAreRememberedThePortTells) {
    WatchedPorts watch({{9999, 9999}, {80, 80}});
    Listeners& listeners = watch.listeners();
    const auto address = [](std::size_t number, std::uint16_t port) {
        return Endpoint{
            {Family::ipv4,
             {127, 1, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)}},
            port};
    };
    for (std::size_t look = 0; look < 4; ++look) {
        listeners.begin_look(kListening + look * 1s);
        for (std::size_t i = 0; i < Listeners::kMost / 2; ++i) {
            listeners.see(listener(address(look * Listeners::kMost / 2 + i, 9999)));
        }
    }
    EXPECT_EQ(listeners.remembered(), Listeners::kMost + 1);
    const Endpoint remote = ipv4(1, 40000);
    EXPECT_EQ(watch.match(on(address(Listeners::kMost + 1, 9999), remote))->side, Side::server);
    EXPECT_EQ(watch.match(on(address(1, 80), remote))->side, Side::client);
    listeners.begin_look(kListening + Listeners::kMemory + 10s);
    EXPECT_EQ(listeners.remembered(), 0U);
    EXPECT_EQ(watch.match(on(address(1, 9999), remote))->side, Side::client);
}

TEST(TheSide, StaysTheServersWhenTheListenerIsGone) {
    WatchedPorts watch = with_listeners({{9999, 9999}}, {listener(ipv4(1, 9999))});
    watch.listeners().begin_look(kListening + Listeners::kMemory);
    EXPECT_EQ(watch.match(held(kServer, TcpState::close_wait))->side, Side::server);
    watch.listeners().begin_look(kListening + Listeners::kMemory + 1s);
    EXPECT_EQ(watch.match(held(kServer, TcpState::close_wait))->side, Side::client);

    CookieSet established;
    established.insert(kServer.cookie);
    watch.remember_servers(std::move(established));
    EXPECT_EQ(watch.match(held(kServer, TcpState::close_wait))->side, Side::server);
    EXPECT_EQ(watch.match(held(again(kServer, 9), TcpState::close_wait))->side, Side::client);
}

TEST(EveryPort, IsAskedForWithoutAFilterAndHasALabelForTheRest) {
    const WatchedPorts watch = with_listeners({kEveryPort}, {listener(ipv4(1, 5432))});
    EXPECT_TRUE(watch.every_port());
    EXPECT_TRUE(watch.ports().empty());
    EXPECT_EQ(watch.labels(), (Labels{"other"}));
    EXPECT_EQ(watch.match(on(ipv4(1, 5432), ipv4(1, 40000))), watched(0, 5432, Side::server));
    EXPECT_EQ(watch.match(on(ipv4(1, 40000), ipv4(1, 443))), watched(0, 443, Side::client));
    EXPECT_EQ(watch.match(on(ipv4(1, 0), ipv4(1, 0))), std::nullopt);
}

TEST(EveryPort, HasALabelForEachPortThatIsListenedToAndEachRemoteOneOfItsSideOnly) {
    WatchedPorts watch = with_listeners({kEveryPort}, {listener(ipv4(1, 5432))});
    PortCounts counts;
    count(counts, Side::server, 5432, 5432, 1);
    count(counts, Side::client, 443, 443, 3);
    EXPECT_TRUE(watch.name_busiest(counts));
    EXPECT_EQ(watch.labels(), (Labels{"443", "5432", "other"}));
    EXPECT_EQ(watch.sides(), (std::vector<Sides>{{false, true}, {true, false}, {true, true}}));
    EXPECT_EQ(watch.match(on(ipv4(1, 5432), ipv4(1, 40000))), watched(1, 5432, Side::server));
    EXPECT_EQ(watch.match(on(ipv4(1, 40000), ipv4(1, 443))), watched(0, 443, Side::client));
    EXPECT_EQ(watch.match(on(ipv4(1, 40000), ipv4(1, 5432))), watched(2, 5432, Side::client));
    EXPECT_EQ(
        counts.by_label(watch).count(0, Side::client, TcpState::established, Custody::process), 3u);
    EXPECT_FALSE(watch.name_busiest(counts)) << "nothing changed";
}

TEST(EveryPort, NamesTheBusiestAndCountsTheOthersTogether) {
    WatchedPorts watch({kEveryPort});
    PortCounts counts;
    count(counts, Side::client, 1000, 1099, 1);
    count(counts, Side::client, 50, 50, 7);
    watch.name_busiest(counts);
    EXPECT_EQ(watch.labels().size(), WatchedPorts::kMostNamed + 1);
    EXPECT_EQ(watch.labels().front(), "50");
    EXPECT_EQ(watch.labels()[63], "1062");
    EXPECT_EQ(
        counts.by_label(watch).count(64, Side::client, TcpState::established, Custody::process),
        37u);
}

TEST(EveryPort, TakesALabelAwayOnlyForMoreThanTwiceTheSockets) {
    WatchedPorts watch({kEveryPort});
    PortCounts first;
    count(first, Side::client, 1000, 1063, 2);
    watch.name_busiest(first);
    PortCounts second;
    count(second, Side::client, 1000, 1063, 2);
    count(second, Side::client, 99, 99, 3);
    EXPECT_FALSE(watch.name_busiest(second));
    count(second, Side::client, 99, 99, 2);
    EXPECT_TRUE(watch.name_busiest(second));
    EXPECT_EQ(watch.labels().front(), "99");
    EXPECT_EQ(watch.labels()[63], "1062");
}

TEST(EveryPort, AnIdlePortKeepsItsLabelUntilAnotherNeedsThePlace) {
    WatchedPorts watch({kEveryPort});
    PortCounts counts;
    count(counts, Side::server, 1000, 1063, 1);
    watch.name_busiest(counts);
    EXPECT_FALSE(watch.name_busiest(PortCounts()));
    PortCounts others;
    count(others, Side::server, 2000, 2000, 1);
    watch.name_busiest(others);
    EXPECT_EQ(watch.labels().size(), WatchedPorts::kMostNamed + 1);
    EXPECT_EQ(watch.labels()[63], "2000");
}

TEST(EveryPort, APortThatIsNamedBesideItHasALabelFromTheStart) {
    WatchedPorts watch({kEveryPort, {9999, 9999}, {8000, 8999}});
    EXPECT_EQ(watch.labels(), (Labels{"8000-8999", "9999", "other"}));
    PortCounts counts;
    count(counts, Side::server, 8080, 8080, 9);
    count(counts, Side::server, 22, 22, 1);
    watch.name_busiest(counts);
    EXPECT_EQ(watch.labels(), (Labels{"8000-8999", "9999", "22", "other"}));
    EXPECT_EQ(watch.match(between(8080, 40000)), watched(0, 8080, Side::server));
}

TEST(WatchedPorts, ASocketThatWasWatchedKeepsItsSideUnderOtherLabels) {
    const WatchedPorts before = with_listeners({{9999, 9999}}, {listener(ipv4(1, 9999))});
    const SocketRecord record = held(kServer, TcpState::close_wait);
    const PortMatch then = *before.match(record);
    WatchedPorts after = with_listeners({{80, 80}, {9999, 9999}}, {});
    EXPECT_EQ(after.match_again(record, then), watched(1, 9999, Side::server));
    EXPECT_EQ(WatchedPorts({{40000, 40000}}).match_again(record, then),
              watched(0, 40000, Side::client));
    EXPECT_EQ(WatchedPorts({{80, 80}}).match_again(record, then), std::nullopt);
}

TEST(WatchedPorts, TheSidesHaveTheirNamesOfTheContract) {
    EXPECT_STREQ(name(Side::server), "server");
    EXPECT_STREQ(name(Side::client), "client");
}

}  // namespace halfclosed::tracking
