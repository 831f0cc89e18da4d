#include "scenarios/verdict/run_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "scenarios/definition/catalogue.h"
#include "scenarios/recorded_trace.h"

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using Json = nlohmann::ordered_json;

std::vector<std::string> keys(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) {
        keys.push_back(key);
    }
    return keys;
}

Json line_of(const std::string& name) {
    const Scenario& scenario = *find_scenario(name);
    const Trace trace = recorded_trace(name);
    const std::string line = run_json({scenario, {}, trace, judge(scenario.expect, trace, {})});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    return Json::parse(line);
}

TEST(RunJson, HasTheKeysOfTheContractInTheirOrder) {
    const Json json = line_of("write-after-eof");
    EXPECT_THAT(keys(json),
                ElementsAre("schema", "scenario", "result", "fin_timeout_seconds", "server",
                            "client", "packets", "calls", "kernel_events", "why", "conclusive",
                            "states", "signals", "programs_ended", "counts"));
    EXPECT_THAT(keys(json["packets"][0]), ElementsAre("time", "from", "flags", "length"));
    EXPECT_THAT(keys(json["calls"][0]),
                ElementsAre("who", "call", "result", "errno", "began", "ended"));
}

TEST(RunJson, TellsWhatWasSeen) {
    const Json json = line_of("write-after-eof");
    EXPECT_EQ(json["schema"], "halfclosed.scenario/1");
    EXPECT_EQ(json["scenario"], "write-after-eof");
    EXPECT_EQ(json["result"], "pass");
    EXPECT_EQ(json["fin_timeout_seconds"], 2);
    EXPECT_EQ(json["server"], (Json{"established", "fin_wait1", "fin_wait2", "close"}));
    EXPECT_EQ(json["client"], (Json{"established", "close_wait", "close"}));
    EXPECT_EQ(json["kernel_events"],
              (Json{{"EstabResets", 1}, {"OutRsts", 1}, {"TCPAbortOnData", 1}}));
    EXPECT_TRUE(json["why"].is_null());
    EXPECT_EQ(json["conclusive"], true);

    EXPECT_EQ(json["packets"].size(), 8U);
    EXPECT_EQ(json["packets"][3]["from"], "server");
    EXPECT_EQ(json["packets"][3]["flags"], "P.");
    EXPECT_EQ(json["packets"][3]["length"], 26);
    double time = 0;
    for (const Json& packet : json["packets"]) {
        EXPECT_GT(packet["time"], time);
        time = packet["time"];
    }

    const Json& last_write = json["calls"][json["calls"].size() - 2];
    EXPECT_EQ(last_write["who"], "client");
    EXPECT_EQ(last_write["call"], "write");
    EXPECT_EQ(last_write["result"], -1);
    EXPECT_EQ(last_write["errno"], "EPIPE");
    EXPECT_GE(last_write["ended"], last_write["began"]);
    EXPECT_TRUE(json["calls"][0]["errno"].is_null());
}

TEST(RunJson, TellsWhenAndByWhomEachStateWasHeld) {
    const Json json = line_of("late-close");
    ASSERT_EQ(json["states"].size(), json["server"].size() + json["client"].size());
    const Json& orphan = json["states"][1];
    EXPECT_EQ(orphan["side"], "server");
    EXPECT_EQ(orphan["state"], "fin_wait1");
    EXPECT_EQ(orphan["evidence"], "seen");
    EXPECT_EQ(orphan["time"], json["packets"][5]["time"]) << "with the FIN";
    EXPECT_NEAR(orphan["held_seconds"], 0.042, 0.02) << "the delayed ACK";
    EXPECT_EQ(orphan["holders"][0]["custody"], "orphan");
    EXPECT_TRUE(json["states"][3]["held_seconds"].is_null()) << "TIME-WAIT stands";

    ASSERT_EQ(json["signals"].size(), 1U);
    EXPECT_EQ(json["signals"][0]["to"], "client");
    EXPECT_EQ(json["signals"][0]["signal"], "SIGINT");
    ASSERT_EQ(json["programs_ended"].size(), 1U);
    EXPECT_EQ(json["programs_ended"][0]["signal"], "SIGINT");
    EXPECT_TRUE(json["programs_ended"][0]["status"].is_null());
    ASSERT_EQ(json["counts"].size(), 3U);
    EXPECT_EQ(json["counts"][1]["orphan"]["counted"], 1);
    EXPECT_EQ(json["counts"][2]["tw"], (Json{{"counted", 1}, {"kernel", 1}}));
}

TEST(RunJson, SaysWhyItFailed) {
    const Scenario& scenario = *find_scenario("late-close");
    Trace trace = recorded_trace("late-close");
    trace.errors.push_back("a dump failed");
    const Json json =
        Json::parse(run_json({scenario, {}, trace, judge(scenario.expect, trace, {})}));
    EXPECT_EQ(json["result"], "fail");
    EXPECT_EQ(json["why"], "a dump failed");
}

TEST(RunJson, AStoryOfNothingIsStillALine) {
    const Scenario& scenario = *find_scenario("late-close");
    const Json json = Json::parse(run_json({scenario, {}, {}, judge(scenario.expect, {}, {})}));
    EXPECT_EQ(json["result"], "fail");
    EXPECT_EQ(json["server"], Json::array());
    EXPECT_EQ(json["packets"], Json::array());
    EXPECT_EQ(json["kernel_events"], Json::object());
}

TEST(RunJson, ListingNamesAndExplains) {
    const Json json = Json::parse(listing_json(*find_scenario("late-close")));
    EXPECT_THAT(keys(json), ElementsAre("schema", "scenario", "summary", "explanation",
                                        "governed_by", "unavailable"));
    EXPECT_EQ(json["schema"], "halfclosed.scenario-list/1");
    EXPECT_EQ(json["scenario"], "late-close");
    EXPECT_TRUE(json["summary"].is_string());
    EXPECT_TRUE(json["governed_by"].is_array());
    EXPECT_EQ(json["unavailable"], nullptr);
    EXPECT_TRUE(
        Json::parse(listing_json(*find_scenario("orphan-overflow")))["unavailable"].is_string());
}

}  // namespace
}  // namespace halfclosed::scenarios
