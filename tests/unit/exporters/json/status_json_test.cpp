#include "exporters/json/status_json.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "exporters/sample_snapshot.h"

namespace halfclosed::exporters {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

Json status(const Snapshot& snapshot, Instant now = kNow) {
    return Json::parse(status_json(snapshot, now, {"http://127.0.0.1:10999"}));
}

TEST(StatusJson, OfABusyDaemon) {
    const Json json = status(busy_report());
    EXPECT_EQ(json["schema"], "halfclosed.status/1");
    EXPECT_EQ(json["pid"], getpid());
    EXPECT_EQ(json["start_timestamp_seconds"], 1769999990.5);
    EXPECT_EQ(json["addresses"], Json::parse(R"(["http://127.0.0.1:10999"])"));
    EXPECT_EQ(json["ports"], "ports 9999 and 8000-8999");
    EXPECT_EQ(json["sees"], true);
    EXPECT_TRUE(json["why"].is_null());
    EXPECT_EQ(json["half_closed"], 5);
    EXPECT_EQ(json["leaked"], 2);
    EXPECT_EQ(json["dead"], 0);
    EXPECT_EQ(json["unwatched"], 12);
    EXPECT_EQ(
        json["worst"],
        "leaky.service leaks 1 socket (1 not_closed), the oldest 4m12s; process 812 uses 116 of "
        "128 descriptors.");
    EXPECT_EQ(json["collectors"][0], Json::parse(R"({"name":"closing","success":true,"allowed":true,
        "duration_seconds":0.0015,"interval_seconds":1.0,"wanted_interval_seconds":1.0,
        "last_success_timestamp_seconds":1770000000.0})"));
    EXPECT_EQ(json["config"]["successful"], true);
    EXPECT_EQ(json["process"]["open_fds"], 12.0);
}

TEST(StatusJson, CountsThoseWithoutDetailToo) {
    Snapshot snapshot = busy_report();
    snapshot.without_detail.sockets = 40'000;
    snapshot.without_detail.leaks = {
        {{0, tracking::Side::server, tracking::Cause::unread, 4711}, 30'000}};
    EXPECT_EQ(status(snapshot)["half_closed"], 40'005);
    EXPECT_EQ(status(snapshot)["leaked"], 30'002);
}

TEST(StatusJson, WhatIsNotSeenIsNotZero) {
    Snapshot snapshot = quiet_report();
    snapshot.closing.reset();
    const Json json = status(snapshot);
    EXPECT_EQ(json["sees"], false);
    EXPECT_EQ(json["why"], "the last closing poll got no answer from the kernel");
    for (const char* count : {"half_closed", "leaked", "dead", "unwatched", "worst", "config"}) {
        EXPECT_TRUE(json[count].is_null()) << count;
    }
    EXPECT_EQ(status(busy_report(), kNow + 61s)["why"], "the last poll was 1m01s ago");
}

}  // namespace
}  // namespace halfclosed::exporters
