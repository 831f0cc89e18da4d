#include "exporters/events/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "exporters/events/event_log.h"
#include "exporters/sample_snapshot.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;

std::map<std::string, std::string> fields(const Event& event) {
    std::map<std::string, std::string> result;
    for (const auto& [field, value] : event.fields) {
        result[field] = text_of(value);
    }
    return result;
}

tracking::TrackedSocket leak(Snapshot& snapshot) {
    return add_socket(
        snapshot, {.cookie = Cookie{0x5f3a}, .cause = tracking::Cause::not_closed, .age = 252s});
}

TEST(Event, ALeakNamesTheSocketItsCauseItsAgeAndItsOwner) {
    Snapshot snapshot = quiet_report();
    Owner owner;
    owner.name = "nginx.service";
    owner.processes = {{812, "nginx", 7}};
    const Event event = leak_began(leak(snapshot), &owner, kNow);
    EXPECT_EQ(event.severity, Event::Severity::warning);
    const auto with = fields(event);
    EXPECT_EQ(with.at("port"), "9999");
    EXPECT_EQ(with.at("side"), "server");
    EXPECT_EQ(with.at("cookie"), "5f3a");
    EXPECT_EQ(with.at("cause"), "not_closed");
    EXPECT_EQ(with.at("age_seconds"), "252");
    EXPECT_EQ(with.at("owner"), "nginx.service");
    EXPECT_EQ(with.at("pid"), "812");
    EXPECT_NE(event.message.find("has not called close()"), std::string::npos);
    EXPECT_NE(event.message.find("nginx.service"), std::string::npos);
}

TEST(Event, ALeakWithoutAnOwnerIsUnknowns) {
    Snapshot snapshot = quiet_report();
    const auto with = fields(leak_began(leak(snapshot), nullptr, kNow));
    EXPECT_EQ(with.at("owner"), "unknown");
    EXPECT_FALSE(with.contains("pid"));
}

TEST(Event, ALeakThatDiedIsALeakStill) {
    Snapshot snapshot = quiet_report();
    tracking::TrackedSocket socket = leak(snapshot);
    socket.record.state = TcpState::close;
    const Event died = leak_died(socket, nullptr, kNow);
    EXPECT_EQ(died.severity, Event::Severity::warning);
    EXPECT_STREQ(name(died.kind), "leak_died");
    EXPECT_EQ(fields(died).at("state"), "close");
    EXPECT_NE(died.message.find("its descriptor still open"), std::string::npos);
    EXPECT_NE(leak_ended(socket, nullptr, "closed", kNow).message.find("is closed"),
              std::string::npos);
}

TEST(Event, JsonIsOneObjectOfTextWhateverTheNamesAre) {
    Event event = scenario_verdict("late-close", false, "no \"RST\"\n\xFF");
    const std::string line = event_json(event, kWallTime);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["event"], "scenario_verdict");
    EXPECT_EQ(json["level"], "warning");
    EXPECT_EQ(json["result"], "fail");
    EXPECT_EQ(json["why"], "no \"RST\"\uFFFD\uFFFD");
}

TEST(Event, NumbersAreNumbersInJsonAndTextInTheJournal) {
    Snapshot snapshot = quiet_report();
    Owner owner;
    owner.name = "nginx.service";
    owner.processes = {{812, "nginx", 7}};
    const Event event = leak_began(leak(snapshot), &owner, kNow);
    const auto json = nlohmann::json::parse(event_json(event, kWallTime));
    EXPECT_EQ(json["port"], 9999);
    EXPECT_EQ(json["age_seconds"], 252);
    EXPECT_EQ(json["pid"], 812);
    EXPECT_EQ(json["cookie"], "5f3a") << "64 bits are more than a number of JSON holds";
    tracking::Reconciled counts;
    counts.counted = 3;
    counts.kernel = 5;
    const auto mismatch =
        nlohmann::json::parse(event_json(reconciliation_mismatch("tw", counts), kWallTime));
    EXPECT_EQ(mismatch["counted"], 3);
    EXPECT_EQ(mismatch["kernel"], 5);
    EXPECT_THAT(journal_fields(event), testing::Contains("HALFCLOSED_PID=812"));
}

/// What reached the sink.
struct Told {
    std::vector<std::string> messages;
    EventLog log{[this](const Event& event, WallTime) { messages.push_back(event.message); }};

    void flood(int events, Instant now) {
        for (int i = 0; i < events; ++i) {
            log.write(scenario_verdict("late-close", true, ""), kWallTime, now);
        }
    }
};

TEST(EventLog, ToldIsWhatFitsASecondAndHowManyDidNot) {
    Told told;
    told.flood(25, kNow);
    EXPECT_EQ(told.messages.size(), EventLog::kMostPerSecond);
    told.log.settle(kWallTime, kNow + 500ms);
    EXPECT_EQ(told.messages.size(), EventLog::kMostPerSecond) << "the second is not over";
    told.log.settle(kWallTime, kNow + 1s);
    ASSERT_EQ(told.messages.size(), EventLog::kMostPerSecond + 1);
    EXPECT_EQ(told.messages.back(), "suppressed 15 more scenario_verdict events");
    told.log.settle(kWallTime, kNow + 2s);
    EXPECT_EQ(told.messages.size(), EventLog::kMostPerSecond + 1) << "told once";
}

TEST(EventLog, ANewSecondTellsWhatTheOldOneKeptBackFirst) {
    Told told;
    told.flood(11, kNow);
    told.flood(1, kNow + 1s);
    ASSERT_EQ(told.messages.size(), 12U);
    EXPECT_EQ(told.messages[10], "suppressed 1 more scenario_verdict events");
    EXPECT_EQ(told.messages[11], "scenario late-close passed");
}

TEST(EventLog, KindsDoNotCrowdOutEachOther) {
    Told told;
    told.flood(50, kNow);
    told.log.write(reconciliation_mismatch("tw", {.counted = 3, .kernel = 5}), kWallTime, kNow);
    EXPECT_EQ(told.messages.back(),
              "counts disagree: tw is 3 in the dump and 5 in /proc/net/sockstat");
}

}  // namespace
}  // namespace halfclosed::exporters
