#include "exporters/json/live_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exporters/sample_snapshot.h"
#include "posix/clock.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using ParsedJson = nlohmann::json;

ParsedJson live_of(const Snapshot& snapshot, Instant now = kNow) {
    return ParsedJson::parse(live_json(snapshot, now));
}

TEST(LiveJson, SaysWhatIsDocumented) {
    Snapshot snapshot = busy_report();
    snapshot.host = "web1";
    const ParsedJson live = live_of(snapshot);
    EXPECT_EQ(live["schema"], "halfclosed.live/1");
    EXPECT_EQ(live["host"], "web1");
    EXPECT_EQ(live["blind"], nullptr);
    EXPECT_EQ(live["poll_seconds"], 2.0);
    const ParsedJson close_wait = live["states"]["close_wait"];
    EXPECT_EQ(close_wait["sockets"], 3);
    EXPECT_EQ(close_wait["custody"], (ParsedJson{{"process", 2}, {"accept_queue", 1}}));
    EXPECT_EQ(close_wait["server"], 3);
    EXPECT_EQ(close_wait["client"], 0);
    EXPECT_EQ(close_wait["leaked"], 2);
    EXPECT_EQ(close_wait["oldest_seconds"], 252.0);
    EXPECT_EQ(live["states"]["fin_wait2"]["expires_seconds"], 48.0);
    EXPECT_EQ(live["states"]["established"]["sockets"], 0);
    EXPECT_EQ(live["steps"],
              ParsedJson::parse(R"([{"from":"established","to":"close_wait","total":3}])"));
    EXPECT_EQ(live["ended"]["fin_wait2"]["expired"], 2);
    EXPECT_EQ(live["states"]["listen"]["server"], 1);
    EXPECT_TRUE(live["worst"]["text"].get<std::string>().starts_with("leaky.service leaks"));
    EXPECT_EQ(live["worst"]["runbook"], "descriptorsrunningout");
    EXPECT_EQ(live["collectors"].size(), snapshot.collectors.size());
    EXPECT_EQ(live["reconciliation"].size(), std::size(tracking::kCounts));
    EXPECT_EQ(live["owners"][0]["name"], "leaky.service");
    EXPECT_EQ(live["owners"][0]["oldest_at_most_seconds"], nullptr);
    EXPECT_EQ(live["owners"][0]["leaked"], 1);
    EXPECT_EQ(live["owners"][0]["causes"]["not_closed"], 1);
}

TEST(LiveJson, TheMoreFollowTheLessOftenEachAsks) {
    Snapshot snapshot = busy_report();
    const auto seconds = [&](std::size_t viewers) {
        return ParsedJson::parse(live_json(snapshot, kNow, viewers))["poll_seconds"].get<double>();
    };
    EXPECT_EQ(seconds(25), 2.0);
    EXPECT_EQ(seconds(26), 4.0);
    EXPECT_EQ(seconds(51), 8.0);
    EXPECT_EQ(seconds(100'000), 8.0);
    snapshot.collectors.clear();
    EXPECT_EQ(seconds(100), 8.0) << "also before the first poll";
}

TEST(LiveJson, BlindItSaysSoAndSinceWhen) {
    Snapshot snapshot = busy_report();
    snapshot.closing.reset();
    snapshot.sockets.clear();
    const ParsedJson blind = live_of(snapshot);
    EXPECT_EQ(blind["blind"]["why"], "the last closing poll got no answer from the kernel");
    EXPECT_EQ(blind["blind"]["since"], "2026-02-02T02:40:00.000Z");
    EXPECT_EQ(blind["states"]["close_wait"], nullptr) << "no answer is not zero";
    EXPECT_EQ(blind["worst"], nullptr);
    EXPECT_EQ(blind["dead"], nullptr);
    EXPECT_EQ(blind["owners"], nullptr);
    EXPECT_EQ(live_of(busy_report(), kNow + 61s)["blind"]["why"], "the last poll was 1m01s ago");
}

TEST(LiveJson, TextFromOutsideIsMadeValid) {
    Snapshot snapshot = busy_report();
    snapshot.owners[Cookie{0x5f3a}].name = "\xff\x1b[31m";
    EXPECT_NE(live_json(snapshot, kNow).find("\"\uFFFD\uFFFD[31m\""), std::string::npos);
}

/// The page's size and its cost do not grow with what each socket is.
TEST(LiveJson, TenThousandSocketsCostLittle) {
    Snapshot snapshot = quiet_report();
    for (std::uint64_t i = 1; i <= 10'000; ++i) {
        add_socket(snapshot,
                   {.cookie = Cookie{i}, .cause = tracking::Cause::not_closed, .age = 90s});
        snapshot.owners[Cookie{i}].name = "service-" + std::to_string(i % 200);
    }
    std::chrono::nanoseconds best = 1h;
    std::string text;
    for (int i = 0; i < 5; ++i) {
        const auto before = posix::thread_cpu_time();
        text = live_json(snapshot, kNow);
        best = std::min(best, posix::thread_cpu_time() - before);
    }
    EXPECT_LT(text.size(), 20'000U);
    EXPECT_EQ(ParsedJson::parse(text)["owners"].size(), kMostLiveOwners);
    // Not a matter of how many sockets there are times how many owners: with every check of the sanitizers in it.
    EXPECT_LT(best, 1s);
    RecordProperty("milliseconds", static_cast<int>(best / 1ms));
}

}  // namespace
}  // namespace halfclosed::exporters
