// Namespaces that are watched and left: what was counted of them stays.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lacks.h"
#include "netlink/socket_namespace.h"
#include "tally.h"

namespace halfclosed {

namespace {

using ground::Network;
using tracking::Side;

constexpr std::uint16_t kNamespacePort = 8'999;
constexpr std::size_t kCount = 5;
constexpr NamespaceId kNobody{};

const Ending& in_order() {
    return endings().front();
}

/// The listener is gone afterwards: the port can be listened to again.
void close_in_order(std::uint16_t port) {
    Batch batch = make_batch(Network::ipv4, Side::server, port, kCount);
    in_order().bring_about(batch.connections);
}

/// FIN-WAIT-2, and nobody is going to close the other end.
Batch make_half_closed() {
    Batch batch = make_batch(Network::ipv4, Side::server, kNamespacePort, kCount);
    for (ground::Connection& connection : batch.connections) {
        connection.first().shut_down();
        wait_for(TcpState::fin_wait2, connection.first());
    }
    return batch;
}

TEST(Namespaces, OneThatIsLeftKeepsItsCounts) {
    exact::Source source;
    const NamespaceId space = netlink::own_namespace();
    source.watch(space, {{kNamespacePort, kNamespacePort}});
    EXPECT_THAT(source.watched(), testing::ElementsAre(space));
    close_in_order(kNamespacePort);
    const ExactTotals counted = tally(in_order(), Side::server, kCount, kNamespacePort, space);
    const auto are_counted = [&](const ExactTotals& wanted) {
        return eventually([&] {
            ask_for_untold_steps(source);
            return without_zeros(source.read()) == without_zeros(wanted);
        });
    };
    ASSERT_TRUE(are_counted(counted));
    const Batch half_closed = make_half_closed();
    EXPECT_EQ(source.sockets().size(), 2 * kCount);
    ExactTotals expected;
    for (const auto& [key, counts] : source.read()) {
        expected[{kNobody, key.port, key.server}] = counts;
    }
    source.leave({space});
    EXPECT_EQ(without_zeros(source.read()), without_zeros(expected));
    EXPECT_THAT(source.watched(), testing::IsEmpty());
    EXPECT_THAT(source.sockets(), testing::IsEmpty());

    // Nothing more is counted of it, until it is watched again.
    close_in_order(kNamespacePort - 1);
    EXPECT_EQ(without_zeros(source.read()), without_zeros(expected));
    source.watch(space, {{kNamespacePort - 1, kNamespacePort - 1}});
    close_in_order(kNamespacePort - 1);
    expected += tally(in_order(), Side::server, kCount, kNamespacePort - 1, space);
    EXPECT_TRUE(are_counted(expected));
    source.leave({space});
}

TEST(Namespaces, MoreThanThereIsRoomForAreRefused) {
    exact::Source source;
    constexpr std::uint64_t kMost = 2'048;
    std::set<NamespaceId> all;
    for (std::uint64_t number = 0; number < kMost; ++number) {
        const NamespaceId space{(std::uint64_t{1} << 40) + number};  // of nobody
        ASSERT_TRUE(source.watch(space, {})) << number;
        all.insert(space);
    }
    EXPECT_FALSE(source.watch(netlink::own_namespace(), {}));
    EXPECT_FALSE(source.overflowed()) << "of those that are watched nothing is missing";
    source.leave(all);
    EXPECT_TRUE(source.watch(netlink::own_namespace(), {}));
}

}  // namespace

}  // namespace halfclosed
