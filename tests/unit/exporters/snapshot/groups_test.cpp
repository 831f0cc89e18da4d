#include "exporters/snapshot/groups.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "exporters/sample_snapshot.h"
#include "exporters/snapshot/listing.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using Key = std::vector<std::string>;

std::vector<Key> keys(const std::vector<Group>& groups) {
    std::vector<Key> result;
    for (const Group& group : groups) {
        result.push_back(group.key);
    }
    return result;
}

TEST(Groups, TheWorstOwnerComesFirstWithAllThatItHas) {
    Snapshot snapshot = crowded_report();
    // A young socket of the worst owner stays with it, before those of others.
    add_socket(snapshot,
               {.cookie = Cookie{9000}, .cause = tracking::Cause::not_accepted, .age = 1s});
    snapshot.owners[Cookie{9000}].name = "shop.service";
    const std::vector<Group> groups = groups_of(snapshot, GroupBy::owner_and_cause);
    EXPECT_EQ(keys(groups), (std::vector<Key>{{"shop.service", "not_closed"},
                                              {"shop.service", "not_accepted"},
                                              {"docker:3f4e5d6c7b8a/nginx.service", "unread"},
                                              {"unknown", "fin_wait2"}}));
    EXPECT_EQ(groups[0].sockets, 1'800U);
    EXPECT_EQ(groups[0].leaked, 1'800U);
    EXPECT_EQ(groups[0].oldest.value, 61s + 1'799 * 2s);
    EXPECT_DOUBLE_EQ(*groups[0].growth_per_hour, 1'800);
    EXPECT_EQ(groups[0].descriptors, (DescriptorUse{812, 1'800, 2'048}));
    EXPECT_EQ(groups[0].time_left, 496s);
    EXPECT_EQ(groups[1].descriptors, std::nullopt) << "they are the owner's, not the cause's";
    EXPECT_EQ(groups[1].leaked, 0U);
    EXPECT_EQ(groups[3].sockets, 100U);
}

TEST(Groups, ByOneThingAlone) {
    const Snapshot snapshot = crowded_report();
    EXPECT_EQ(
        keys(groups_of(snapshot, GroupBy::owner)),
        (std::vector<Key>{{"shop.service"}, {"docker:3f4e5d6c7b8a/nginx.service"}, {"unknown"}}));
    EXPECT_EQ(keys(groups_of(snapshot, GroupBy::cause)),
              (std::vector<Key>{{"not_closed"}, {"unread"}, {"fin_wait2"}}));
    EXPECT_EQ(keys(groups_of(snapshot, GroupBy::peer)), (std::vector<Key>{{"127.0.0.1"}}));
    EXPECT_EQ(keys(groups_of(snapshot, GroupBy::port)), (std::vector<Key>{{"9999"}}));
    EXPECT_EQ(groups_of(snapshot, GroupBy::owner)[0].growth_per_hour, 1'800);
    EXPECT_EQ(groups_of(snapshot, GroupBy::peer)[0].sockets, 2'000U);
}

TEST(Groups, APeerIsItsAddressWithItsZone) {
    Snapshot snapshot = quiet_report();
    snapshot.interfaces = {{2, "eth0"}};
    SocketRecord& record = add_socket(snapshot, {.age = 1s}).record;
    record.local = endpoint("fe80::1", 9999);
    record.remote = endpoint("fe80::2", 40000);
    record.interface = 2;
    EXPECT_EQ(keys(groups_of(snapshot, GroupBy::peer)), (std::vector<Key>{{"[fe80::2%eth0]"}}));
}

TEST(Groups, DeadSocketsAreAGroup) {
    Snapshot snapshot = quiet_report();
    tracking::DeadSocket dead{add_socket(snapshot, {.age = 5min}), kNow - 30s};
    dead.socket.record.state = TcpState::close;
    snapshot.sockets.clear();
    snapshot.dead = {dead};
    const std::vector<Group> groups = groups_of(snapshot, GroupBy::owner_and_cause);
    EXPECT_EQ(keys(groups), (std::vector<Key>{{"unknown", "dead"}}));
    EXPECT_EQ(groups[0].leaked, 1U);
}

TEST(Groups, OfWhatTheFilterAdmits) {
    const SocketFilter filter{.causes = {tracking::Cause::unread}};
    EXPECT_EQ(groups_of(crowded_report(), GroupBy::cause, filter).size(), 1U);
    EXPECT_TRUE(groups_of(quiet_report(), GroupBy::owner).empty());
}

TEST(Groups, WhatCanBeGroupedBy) {
    EXPECT_EQ(parse_group_by("peer"), GroupBy::peer);
    EXPECT_EQ(group_keys(GroupBy::peer), Key{"peer"});
    EXPECT_EQ(group_keys(GroupBy::owner_and_cause), (Key{"owner", "cause"}));
    EXPECT_THROW(parse_group_by("unit"), std::invalid_argument);
}

std::vector<std::uint64_t> cookies(const Snapshot& snapshot, SocketOrder order) {
    std::vector<std::uint64_t> result;
    for (const ListedSocket& listed : listing(snapshot, order)) {
        result.push_back(static_cast<std::uint64_t>(listed.socket->record.cookie));
    }
    return result;
}

TEST(Listing, InEachOrderTheOldestOfEqualsFirst) {
    Snapshot snapshot = busy_report();
    snapshot.sockets[1].record.recv_queue = 27;
    snapshot.sockets[3].record.recv_queue = 0;
    using Cookies = std::vector<std::uint64_t>;
    EXPECT_EQ(cookies(snapshot, SocketOrder::age), (Cookies{0x5f3a, 2, 4, 3, 5}));
    EXPECT_EQ(cookies(snapshot, SocketOrder::owner), (Cookies{0x5f3a, 2, 4, 3, 5}));
    EXPECT_EQ(cookies(snapshot, SocketOrder::cause), (Cookies{4, 5, 3, 0x5f3a, 2}));
    EXPECT_EQ(cookies(snapshot, SocketOrder::state), (Cookies{0x5f3a, 2, 3, 4, 5}));
    EXPECT_EQ(cookies(snapshot, SocketOrder::queue), (Cookies{2, 0x5f3a, 4, 3, 5}));
}

}  // namespace
}  // namespace halfclosed::exporters
