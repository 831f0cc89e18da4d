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
using Kind = DiagramEvent::Kind;

std::vector<DiagramEvent> of_kind(const std::vector<DiagramEvent>& all, Kind kind) {
    std::vector<DiagramEvent> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [kind](const DiagramEvent& it) { return it.kind == kind; });
    return some;
}

const DiagramEvent& named(const std::vector<DiagramEvent>& all, Kind kind,
                          const std::string& text) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const DiagramEvent& it) {
        return it.kind == kind && it.text == text;
    });
    if (found == all.end()) {
        throw std::runtime_error("no " + text);
    }
    return *found;
}

TEST(DiagramEvents, HaveEveryPacketStateAndCallSinceTheConnectInOrder) {
    for (const Scenario& scenario : runnable_scenarios()) {
        const Trace trace = recorded_trace(scenario.name);
        const auto all = diagram_events(trace);
        EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& left, const auto& right) {
            return left.at < right.at;
        })) << scenario.name;
        EXPECT_EQ(of_kind(all, Kind::packet).size(), trace.packets.size()) << scenario.name;
        const auto calls =
            std::count_if(trace.calls.begin(), trace.calls.end(), [&trace](const MadeCall& made) {
                return instant(made.call.ended) >= beginning(trace);
            });
        EXPECT_EQ(of_kind(all, Kind::call).size(), static_cast<std::size_t>(calls))
            << scenario.name << ": all but listen() and what prepares connect()";
        EXPECT_EQ(of_kind(all, Kind::signal).size(), trace.signals.size()) << scenario.name;
        EXPECT_EQ(of_kind(all, Kind::state).size(),
                  timeline(trace, Side::server).size() + timeline(trace, Side::client).size());
        EXPECT_EQ(of_kind(all, Kind::counts).size(), trace.counts.size()) << scenario.name;
    }
}

TEST(DiagramEvents, ACallThatSendsStandsAtItsSegment) {
    const Trace trace = recorded_trace("write-after-eof");
    const auto all = diagram_events(trace);
    EXPECT_EQ(named(all, Kind::call, "connect = 0").at, trace.packets[0].at);
    EXPECT_EQ(named(all, Kind::call, "write = 26").at, trace.packets[3].at);
    EXPECT_EQ(named(all, Kind::call, "write = 4").at, trace.packets[6].at);
    const DiagramEvent& refused = named(all, Kind::call, "write = -1 EPIPE");
    EXPECT_TRUE(refused.failed);
    EXPECT_GT(refused.at, trace.packets.back().at) << "it sent nothing";
}

TEST(DiagramEvents, CountsChangeWithTheStatesThatTheyCount) {
    const Trace trace = recorded_trace("late-close");
    const auto all = diagram_events(trace);
    const auto counts = of_kind(all, Kind::counts);
    ASSERT_EQ(counts.size(), 3U);
    EXPECT_EQ(counts[0].at, beginning(trace)) << "what was there before";
    EXPECT_EQ(counts[1].counts.orphan_counted, 1U);
    EXPECT_EQ(counts[1].at, named(all, Kind::state, "FIN-WAIT-1").at);
    EXPECT_EQ(counts[2].counts.tw_counted, 1U);
    EXPECT_EQ(counts[2].at, named(all, Kind::state, "FIN-WAIT-2").at);
}

TEST(DiagramEvents, CountsChangeWithTheLastStateThatALookShowed) {
    Trace trace = recorded_trace("orphan-fin-wait1");
    const auto orphan = std::find_if(trace.observations.begin(), trace.observations.end(),
                                     [](const StateObservation& observation) {
                                         return observation.state == TcpState::fin_wait1;
                                     });
    ASSERT_NE(orphan, trace.observations.end());
    // A machine so slow that its first look shows the orphan, and beside it the client as it long is.
    StateObservation server = *orphan;
    server.not_before = beginning(trace);
    StateObservation client = server;
    client.side = Side::client;
    client.state = TcpState::established;
    client.custody = tracking::Custody::process;
    trace.observations.erase(trace.observations.begin(), std::next(orphan));
    trace.observations.insert(trace.observations.begin(), {server, client});
    const auto all = diagram_events(trace);
    const auto counts = of_kind(all, Kind::counts);
    ASSERT_GE(counts.size(), 2U);
    EXPECT_EQ(counts[1].counts.orphan_counted, 1U);
    EXPECT_EQ(counts[1].at, named(all, Kind::state, "FIN-WAIT-1").at);
}

TEST(DiagramEvents, OfALongRunOfDataTheMiddleIsLeftOutAndCounted) {
    Trace trace;
    add(trace, MadeCall{Side::client, {"connect", 0, 0, 1ms, 1ms}});
    add(trace, Packet{Instant{1ms}, Side::client, "S", 0});
    for (int round = 0; round < 20; ++round) {
        const auto at = 2ms + std::chrono::milliseconds{round};
        add(trace, Packet{Instant{at}, Side::server, "P.", 1000});
        add(trace, MadeCall{Side::client, {"read", 1000, 0, at + 100us, at + 100us}});
    }
    add(trace, Packet{Instant{1s}, Side::server, "F.", 0});
    const auto all = diagram_events(trace);
    ASSERT_EQ(all.size(), 3U + 6 + 2 + 4 + 1) << "with connect() and the state that it proves";
    EXPECT_EQ(all.front().text, "SYN");
    EXPECT_EQ(all.back().text, "FIN");
    EXPECT_EQ(named(all, Kind::packets, "15 segments").at, Instant{2ms + 3ms});
    EXPECT_EQ(named(all, Kind::calls, "15 calls").side, Side::client);
}

TEST(DiagramEvents, WhatIsNotOnlyDataIsNeverLeftOut) {
    Trace trace;
    for (int round = 0; round < 100; ++round) {
        const auto at = std::chrono::milliseconds{round};
        add(trace, Packet{Instant{at}, Side::server, round % 2 == 0 ? "F." : "R", 0});
        add(trace, MadeCall{Side::client, {"write", -1, EPIPE, at, at}});
        add(trace, MadeCall{Side::server, {"setsockopt", 0, 0, at, at}});
    }
    EXPECT_EQ(diagram_events(trace).size(), 300U);
}

TEST(DiagramEvents, LabelSaysWhatASegmentIsThereFor) {
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
        Trace trace;
        add(trace, packet);
        ASSERT_EQ(diagram_events(trace).size(), 1U);
        EXPECT_EQ(diagram_events(trace)[0].text, label);
        EXPECT_EQ(diagram_events(trace)[0].failed, std::string(label) == "RST");
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
