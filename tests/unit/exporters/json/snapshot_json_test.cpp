#include "exporters/json/snapshot_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exporters/sample_snapshot.h"

namespace halfclosed::exporters {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;
using tracking::Cause;

Json parsed(const Snapshot& snapshot) {
    return Json::parse(snapshot_json(snapshot));
}

Json socket_of(const Snapshot& snapshot, const std::string& cookie) {
    const Json json = parsed(snapshot);
    for (const Json& socket : json["sockets"]) {
        if (socket["cookie"] == cookie) {
            return socket;
        }
    }
    return nullptr;
}

TEST(SnapshotJson, OneSocketInFull) {
    EXPECT_EQ(socket_of(busy_report(), "5f3a"), Json::parse(R"({
        "cookie": "5f3a", "family": "ipv4",
        "local": "127.0.0.1:9999", "remote": "127.0.0.1:64378", "port": 9999, "side": "server",
        "state": "close_wait", "custody": "process", "cause": "not_closed",
        "age_seconds": 252.0, "age": "observed", "recv_queue": 0, "send_queue": 0,
        "uid": 1000, "inode": 4711, "expires_seconds": null,
        "protocol": "tcp", "interface": null, "namespace": null, "other_end": null,
        "waits_for": null,
        "owner": {"name": "leaky.service", "unit": "leaky.service", "cgroup": "/system.slice/leaky.service",
                  "processes": [{"pid": 812, "comm": "leaky", "fd": 7}]}})"));
}

TEST(SnapshotJson, GroupsSayWhoItIs) {
    EXPECT_EQ(parsed(busy_report())["groups"][0], Json::parse(R"({
        "owner": "leaky.service", "cause": "not_closed", "sockets": 1, "leaked": 1,
        "oldest_seconds": 252.0, "growth_per_hour": null,
        "descriptors": {"pid": 812, "used": 116, "limit": 128}, "seconds_left": null})"));
    const Json json = Json::parse(snapshot_json(
        crowded_report(), {.order = SocketOrder::port, .limit = 2, .by = GroupBy::owner}));
    EXPECT_EQ(json["sockets"].size(), 2U);
    ASSERT_EQ(json["groups"].size(), 2U);
    EXPECT_EQ(json["groups"][0]["owner"], "shop.service");
    EXPECT_EQ(json["groups"][0]["growth_per_hour"], 1800.0);
    EXPECT_EQ(json["groups"][0]["seconds_left"], 496);
    EXPECT_FALSE(json["groups"][0].contains("cause"));
}

TEST(SnapshotJson, WithoutAnAnswerThereAreNoGroups) {
    Snapshot snapshot = busy_report();
    snapshot.closing.reset();
    EXPECT_TRUE(parsed(snapshot)["groups"].is_null());
}

TEST(SnapshotJson, ADeadSocketIsARowOfItsOwn) {
    Snapshot snapshot = busy_report();
    tracking::DeadSocket dead{snapshot.sockets.front(), kNow - 30s};
    dead.socket.record.state = TcpState::close;
    snapshot.sockets.erase(snapshot.sockets.begin());
    snapshot.dead = {dead};
    const Json socket = socket_of(snapshot, "5f3a");
    EXPECT_EQ(socket["state"], "close");
    EXPECT_EQ(socket["dead"], true);
    EXPECT_EQ(socket["age_seconds"], 30.0);
    EXPECT_EQ(socket["owner"]["unit"], "leaky.service");
    EXPECT_FALSE(socket_of(snapshot, "2").contains("dead"));
}

TEST(SnapshotJson, SaysWhichInterfaceAndWhichProtocol) {
    Snapshot snapshot = busy_report();
    snapshot.interfaces = {{2, "eth0"}};
    SocketRecord& record = snapshot.sockets.front().record;
    record.local = endpoint("fe80::1", 9999);
    record.interface = 2;
    record.protocol = Protocol::mptcp;
    EXPECT_EQ(socket_of(snapshot, "5f3a")["local"], "[fe80::1%eth0]:9999");
    EXPECT_EQ(socket_of(snapshot, "5f3a")["interface"], "eth0");
    EXPECT_EQ(socket_of(snapshot, "5f3a")["protocol"], "mptcp");
}

TEST(SnapshotJson, SaysWhichNamespaceAndWhoIsAtTheOtherEnd) {
    Snapshot snapshot = quiet_report();
    snapshot.namespaces.all = true;
    snapshot.namespaces.watched = {{NamespaceId{4200}, {"blue", {}}}};
    snapshot.namespaces.unreadable = 2;
    add_socket(snapshot, {.cookie = Cookie{1}, .cause = Cause::unread});
    add_socket(snapshot, {.cookie = Cookie{2},
                          .state = TcpState::fin_wait2,
                          .custody = tracking::Custody::timewait});
    for (tracking::TrackedSocket& socket : snapshot.sockets) {
        socket.record.netns = NamespaceId{4200};
    }
    std::swap(snapshot.sockets[1].record.local, snapshot.sockets[1].record.remote);
    snapshot.sockets[1].record.local = snapshot.sockets[0].record.remote;
    snapshot.owners[Cookie{1}].name = "shop.service";
    EXPECT_EQ(socket_of(snapshot, "1")["namespace"],
              Json::parse(R"({"id": 4200, "name": "blue"})"));
    EXPECT_EQ(
        socket_of(snapshot, "1")["other_end"],
        Json::parse(
            R"({"state": "fin_wait2", "owner": "unknown", "cause": null, "expires_seconds": 48.0,
                              "namespace": {"id": 4200, "name": "blue"}})"));
    EXPECT_EQ(socket_of(snapshot, "2")["other_end"]["owner"], "shop.service");
    EXPECT_EQ(socket_of(snapshot, "2")["other_end"]["cause"], "unread");
    EXPECT_EQ(socket_of(snapshot, "2")["waits_for"], "shop.service");
    EXPECT_TRUE(socket_of(snapshot, "1")["waits_for"].is_null()) << "it has not closed itself";
    EXPECT_EQ(
        parsed(snapshot)["namespaces"],
        Json::parse(R"({"watched": 1, "unreadable": 2, "not_watched": null, "hidden": null})"));
}

TEST(SnapshotJson, AMinisockNeverSeenInFullHasNoUid) {
    const Json socket = socket_of(busy_report(), "4");
    EXPECT_EQ(socket["custody"], "timewait");
    EXPECT_EQ(socket["uid"], nullptr);
    EXPECT_EQ(socket["inode"], nullptr);
    EXPECT_EQ(socket["expires_seconds"], 48.0);
    EXPECT_EQ(socket["age"], "estimated");
    EXPECT_EQ(socket["cause"], nullptr);
    EXPECT_EQ(socket["owner"],
              Json::parse(R"({"name":"unknown","unit":null,"cgroup":null,"processes":[]})"));
}

TEST(SnapshotJson, AMinisockSeenInFullKeepsItsUid) {
    Snapshot snapshot = quiet_report();
    tracking::TrackedSocket& socket = add_socket(
        snapshot, {.state = TcpState::fin_wait2, .custody = tracking::Custody::timewait});
    socket.record.uid = 33;
    socket.record.inode = 5;
    socket.record.cgroup_id = 9;
    EXPECT_EQ(socket_of(snapshot, "1")["uid"], 33);
    EXPECT_EQ(socket_of(snapshot, "1")["inode"], 5);
}

TEST(SnapshotJson, AnInodeThatThereIsNotIsNull) {
    Snapshot snapshot = quiet_report();
    add_socket(snapshot, {.state = TcpState::last_ack, .custody = tracking::Custody::orphan});
    EXPECT_EQ(socket_of(snapshot, "1")["inode"], nullptr);
    EXPECT_EQ(socket_of(snapshot, "1")["uid"], 1000);
}

TEST(SnapshotJson, LeavesOutWhatAFilterDoesNotAdmit) {
    const Snapshot snapshot = busy_report();
    const Json json =
        Json::parse(snapshot_json(snapshot, {.filter = {.states = {TcpState::close_wait}}}));
    EXPECT_FALSE(json["sockets"].empty());
    for (const Json& socket : json["sockets"]) {
        EXPECT_EQ(socket["state"], "close_wait");
    }
}

TEST(SnapshotJson, HeadAndReconciliation) {
    const Json json = parsed(busy_report());
    EXPECT_EQ(json["schema"], "halfclosed.snapshot/1");
    EXPECT_EQ(json["time"], "2026-02-02T02:40:00.000Z");
    EXPECT_EQ(json["reconciliation"]["tw"],
              Json::parse(R"({"counted":3,"kernel":3,"agrees":true})"));
    EXPECT_EQ(json["reconciliation"]["orphan"]["elsewhere"], 3);
    EXPECT_EQ(json["reconciliation"]["inuse"]["counted"], 26);
    EXPECT_EQ(json["reconciliation"]["inuse6"]["kernel"], 9);
}

TEST(SnapshotJson, IsOneLineSortedByAge) {
    const std::string text = snapshot_json(busy_report());
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    const Json json = Json::parse(text);
    std::vector<std::string> cookies;
    for (const Json& socket : json["sockets"]) {
        cookies.push_back(socket["cookie"]);
    }
    EXPECT_EQ(cookies, (std::vector<std::string>{"5f3a", "2", "4", "3", "5"}));
}

TEST(SnapshotJson, TimeWaitIsNotHalfClosed) {
    Snapshot snapshot = quiet_report();
    add_socket(snapshot, {.state = TcpState::time_wait, .custody = tracking::Custody::timewait});
    EXPECT_EQ(parsed(snapshot)["sockets"], Json::array());
}

TEST(SnapshotJson, NoAnswerIsNullAndNotEmpty) {
    Snapshot snapshot = quiet_report();
    EXPECT_EQ(parsed(snapshot)["sockets"], Json::array());
    snapshot.closing.reset();
    snapshot.census.reset();
    EXPECT_EQ(parsed(snapshot)["sockets"], nullptr);
    EXPECT_EQ(parsed(snapshot)["reconciliation"], nullptr);
}

TEST(SnapshotJson, NamesThatAreNotUtf8AreMended) {
    Snapshot snapshot = busy_report();
    snapshot.owners[Cookie{0x5f3a}].processes[0].comm = "caf\xC3";
    EXPECT_EQ(socket_of(snapshot, "5f3a")["owner"]["processes"][0]["comm"], "caf\uFFFD");
}

TEST(SnapshotJson, CookiesKeepAll64Bits) {
    Snapshot snapshot = quiet_report();
    add_socket(snapshot, {.cookie = Cookie{0xFFFFFFFFFFFFFFFF}, .cause = Cause::unread, .age = 1s});
    EXPECT_EQ(parsed(snapshot)["sockets"][0]["cookie"], "ffffffffffffffff");
}

}  // namespace
}  // namespace halfclosed::exporters
