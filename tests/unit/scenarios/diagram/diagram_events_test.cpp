#include "scenarios/diagram/diagram_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "scenarios/definition/catalogue.h"
#include "scenarios/recorded_trace.h"

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using Kind = Happening::Kind;

std::vector<Happening> of_kind(const std::vector<Happening>& all, Kind kind) {
    std::vector<Happening> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [kind](const Happening& it) { return it.kind == kind; });
    return some;
}

const Happening& named(const std::vector<Happening>& all, Kind kind, const std::string& text) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Happening& it) {
        return it.kind == kind && it.text == text;
    });
    if (found == all.end()) {
        throw std::runtime_error("no " + text);
    }
    return *found;
}

TEST(Happenings, HaveEveryPacketStateAndCallSinceTheConnectInOrder) {
    for (const Scenario& scenario : playable_scenarios()) {
        const Story story = recorded_story(scenario.name);
        const auto all = happenings(story);
        EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& left, const auto& right) {
            return left.at < right.at;
        })) << scenario.name;
        EXPECT_EQ(of_kind(all, Kind::packet).size(), story.packets.size()) << scenario.name;
        const auto calls =
            std::count_if(story.calls.begin(), story.calls.end(), [&story](const MadeCall& made) {
                return instant(made.call.ended) >= beginning(story);
            });
        EXPECT_EQ(of_kind(all, Kind::call).size(), static_cast<std::size_t>(calls))
            << scenario.name << ": all but listen() and what prepares connect()";
        EXPECT_EQ(of_kind(all, Kind::signal).size(), story.signals.size()) << scenario.name;
        EXPECT_EQ(of_kind(all, Kind::state).size(),
                  tenures(story, Side::server).size() + tenures(story, Side::client).size());
        EXPECT_EQ(of_kind(all, Kind::counts).size(), story.gauges.size()) << scenario.name;
    }
}

TEST(Happenings, ACallThatSendsStandsAtItsSegment) {
    const Story story = recorded_story("write-after-eof");
    const auto all = happenings(story);
    EXPECT_EQ(named(all, Kind::call, "connect = 0").at, story.packets[0].at);
    EXPECT_EQ(named(all, Kind::call, "write = 26").at, story.packets[3].at);
    EXPECT_EQ(named(all, Kind::call, "write = 4").at, story.packets[6].at);
    const Happening& refused = named(all, Kind::call, "write = -1 EPIPE");
    EXPECT_TRUE(refused.failed);
    EXPECT_GT(refused.at, story.packets.back().at) << "it sent nothing";
}

TEST(Happenings, CountsChangeWithTheStatesThatTheyCount) {
    const Story story = recorded_story("late-close");
    const auto all = happenings(story);
    const auto counts = of_kind(all, Kind::counts);
    ASSERT_EQ(counts.size(), 3U);
    EXPECT_EQ(counts[0].at, beginning(story)) << "what was there before";
    EXPECT_EQ(counts[1].gauges.orphan_counted, 1U);
    EXPECT_EQ(counts[1].at, named(all, Kind::state, "FIN-WAIT-1").at);
    EXPECT_EQ(counts[2].gauges.tw_counted, 1U);
    EXPECT_EQ(counts[2].at, named(all, Kind::state, "FIN-WAIT-2").at);
}

TEST(Happenings, CountsChangeWithTheLastStateThatALookShowed) {
    Story story = recorded_story("orphan-fin-wait1");
    const auto orphan = std::find_if(
        story.sightings.begin(), story.sightings.end(),
        [](const Sighting& sighting) { return sighting.state == TcpState::fin_wait1; });
    ASSERT_NE(orphan, story.sightings.end());
    // A machine so slow that its first look shows the orphan, and beside it the client as it long is.
    Sighting server = *orphan;
    server.not_before = beginning(story);
    Sighting client = server;
    client.side = Side::client;
    client.state = TcpState::established;
    client.custody = tracking::Custody::process;
    story.sightings.erase(story.sightings.begin(), std::next(orphan));
    story.sightings.insert(story.sightings.begin(), {server, client});
    const auto all = happenings(story);
    const auto counts = of_kind(all, Kind::counts);
    ASSERT_GE(counts.size(), 2U);
    EXPECT_EQ(counts[1].gauges.orphan_counted, 1U);
    EXPECT_EQ(counts[1].at, named(all, Kind::state, "FIN-WAIT-1").at);
}

TEST(Happenings, OfALongRunOfDataTheMiddleIsLeftOutAndCounted) {
    Story story;
    tell(story, MadeCall{Side::client, {"connect", 0, 0, 1ms, 1ms}});
    tell(story, Packet{Instant{1ms}, Side::client, "S", 0});
    for (int round = 0; round < 20; ++round) {
        const auto at = 2ms + std::chrono::milliseconds{round};
        tell(story, Packet{Instant{at}, Side::server, "P.", 1000});
        tell(story, MadeCall{Side::client, {"read", 1000, 0, at + 100us, at + 100us}});
    }
    tell(story, Packet{Instant{1s}, Side::server, "F.", 0});
    const auto all = happenings(story);
    ASSERT_EQ(all.size(), 3U + 6 + 2 + 4 + 1) << "with connect() and the state that it proves";
    EXPECT_EQ(all.front().text, "SYN");
    EXPECT_EQ(all.back().text, "FIN");
    EXPECT_EQ(named(all, Kind::packets, "15 segments").at, Instant{2ms + 3ms});
    EXPECT_EQ(named(all, Kind::calls, "15 calls").side, Side::client);
}

TEST(Happenings, WhatIsNotOnlyDataIsNeverLeftOut) {
    Story story;
    for (int round = 0; round < 100; ++round) {
        const auto at = std::chrono::milliseconds{round};
        tell(story, Packet{Instant{at}, Side::server, round % 2 == 0 ? "F." : "R", 0});
        tell(story, MadeCall{Side::client, {"write", -1, EPIPE, at, at}});
        tell(story, MadeCall{Side::server, {"setsockopt", 0, 0, at, at}});
    }
    EXPECT_EQ(happenings(story).size(), 300U);
}

TEST(Happenings, LabelSaysWhatASegmentIsThereFor) {
    const std::pair<Packet, const char*> cases[] = {
        {{Instant{1ms}, Side::client, "S", 0}, "SYN"},
        {{Instant{1ms}, Side::server, "S.", 0}, "SYN ACK"},
        {{Instant{1ms}, Side::client, ".", 0}, "ACK"},
        {{Instant{1ms}, Side::server, "P.", 26}, "26 bytes"},
        {{Instant{1ms}, Side::server, "F.", 0}, "FIN"},
        {{Instant{1ms}, Side::server, "FP.", 7}, "7 bytes FIN"},
        {{Instant{1ms}, Side::server, "R", 0}, "RST"},
        {{Instant{1ms}, Side::client, "R.", 0}, "RST"},
    };
    for (const auto& [packet, label] : cases) {
        Story story;
        tell(story, packet);
        ASSERT_EQ(happenings(story).size(), 1U);
        EXPECT_EQ(happenings(story)[0].text, label);
        EXPECT_EQ(happenings(story)[0].failed, std::string(label) == "RST");
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
