#include "scenarios/trace/tenure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/definition/catalogue.h"
#include "scenarios/recorded_trace.h"
#include "scenarios/trace/timeline.h"

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using tracking::Custody;

const Tenure& tenure_in(const std::vector<Tenure>& tenures, TcpState state) {
    for (const Tenure& tenure : tenures) {
        if (tenure.state == state) {
            return tenure;
        }
    }
    throw std::runtime_error("not in " + name(state));
}

/// The time of the first segment from this side with this flag.
Instant sent(const Trace& trace, Side from, char flag) {
    for (const Packet& packet : trace.packets) {
        if (packet.from == from && packet.flags.find(flag) != std::string::npos) {
            return packet.at;
        }
    }
    throw std::runtime_error("no such segment");
}

TEST(Tenures, BeginWithTheSegmentThatMadeThem) {
    const Trace trace = recorded_story("late-close");
    const Instant server_fin = sent(trace, Side::server, 'F');
    const Instant client_fin = sent(trace, Side::client, 'F');
    const auto server = tenures(trace, Side::server);
    const auto client = tenures(trace, Side::client);
    EXPECT_EQ(tenure_in(server, TcpState::fin_wait1).from, server_fin);
    EXPECT_EQ(tenure_in(client, TcpState::close_wait).from, server_fin);
    EXPECT_EQ(tenure_in(server, TcpState::time_wait).from, client_fin);
    EXPECT_EQ(tenure_in(client, TcpState::last_ack).from, client_fin);
    EXPECT_EQ(tenure_in(client, TcpState::close).from, trace.packets.back().at);
    // The delayed ACK, and not the look after it.
    EXPECT_EQ(tenure_in(server, TcpState::fin_wait2).from, trace.packets[6].at);
    EXPECT_EQ(tenure_in(client, TcpState::established).from, trace.packets[1].at);
    EXPECT_EQ(tenure_in(server, TcpState::established).from, trace.packets[2].at);
}

TEST(Tenures, AnAcknowledgementOfDataIsNotOneOfTheFin) {
    Trace trace = recorded_story("late-close");
    // A look away for the whole of the time: the state may have begun with either of the client's two segments.
    for (StateObservation& observation : trace.observations) {
        if (observation.state == TcpState::fin_wait2) {
            observation.not_before = beginning(trace);
        }
    }
    ASSERT_EQ(trace.packets[4].flags, ".");
    const Packet early = trace.packets[4];  // acknowledges the text
    ASSERT_EQ(trace.packets[5].flags, "F.");
    Packet late = early;
    late.at = trace.packets[5].at + 1ms;
    tell(trace, late);  // and once more, when the FIN was sent
    const auto server = tenures(trace, Side::server);
    EXPECT_EQ(tenure_in(server, TcpState::fin_wait2).from, trace.packets[7].at);
    EXPECT_EQ(trace.packets[6].at, late.at);
}

TEST(Tenures, WithoutASegmentBeginWithTheLook) {
    const Trace trace = recorded_story("late-close-after-expiry");
    const auto server = tenures(trace, Side::server);
    const Tenure& gone = tenure_in(server, TcpState::close);
    EXPECT_EQ(gone.from, spans(trace, Side::server).back().at);
    EXPECT_FALSE(gone.to);
    EXPECT_TRUE(gone.holders.empty());
}

TEST(Tenures, AFinBehindDataBeginsItsStateWithTheCall) {
    Trace trace;
    tell(trace, MadeCall{Side::server, {"close", 0, 0, 10ms, 11ms}});
    tell(trace, StateObservation{Side::server, TcpState::established, Custody::process,
                                 Instant{1ms}, Instant{2ms}});
    tell(trace, StateObservation{Side::server, TcpState::fin_wait1, Custody::orphan, Instant{9ms},
                                 Instant{12ms}});
    EXPECT_EQ(tenures(trace, Side::server).back().from, Instant{10ms});
}

TEST(Tenures, ASegmentOutsideTheLooksMadeNothing) {
    Trace trace;
    tell(trace, Packet{Instant{5ms}, Side::server, "F.", 0});
    tell(trace, Packet{Instant{30ms}, Side::server, "F.", 0});
    tell(trace, StateObservation{Side::client, TcpState::close_wait, Custody::process, Instant{9ms},
                                 Instant{12ms}});
    EXPECT_EQ(tenures(trace, Side::client).back().from, Instant{12ms});
}

/// A server's end that waits for accept(), is accepted after 5 ms and closed by its process after 20.
Trace accepted_story() {
    Trace trace;
    tell(trace, StateObservation{Side::server, TcpState::established, Custody::accept_queue,
                                 Instant{1ms}, Instant{2ms}});
    tell(trace, MadeCall{Side::server, {"accept", 5, 0, 0ms, 5ms}});
    return trace;
}

TEST(Tenures, NameWhoHeldTheSocketOneAfterAnother) {
    Trace trace = accepted_story();
    tell(trace, StateObservation{Side::server, TcpState::established, Custody::process,
                                 Instant{7ms}, Instant{8ms}});
    tell(trace, StateObservation{Side::server, TcpState::fin_wait1, Custody::orphan, Instant{19ms},
                                 Instant{20ms}});
    const auto server = tenures(trace, Side::server);
    ASSERT_EQ(server.size(), 2U);
    EXPECT_EQ(server[0].holders, (std::vector<Holder>{{Custody::accept_queue, server[0].from},
                                                      {Custody::process, Instant{5ms}}}));
    EXPECT_EQ(server[1].holders, (std::vector<Holder>{{Custody::orphan, server[1].from}}));
}

TEST(Tenures, WhatAcceptReturnedIsTheProcesss) {
    const auto server = tenures(accepted_story(), Side::server);
    ASSERT_EQ(server[0].holders.size(), 2U) << "no look saw it there";
    EXPECT_EQ(server[0].holders[1], (Holder{Custody::process, Instant{5ms}}));
}

TEST(Tenures, FollowOneAnotherWithoutAGapInEveryStory) {
    for (const Scenario& scenario : playable_scenarios()) {
        const Trace trace = recorded_story(scenario.name);
        for (const Side side : tracking::kSides) {
            const auto held = tenures(trace, side);
            const auto passed = spans(trace, side);
            ASSERT_EQ(held.size(), passed.size()) << scenario.name;
            for (std::size_t index = 0; index < held.size(); ++index) {
                EXPECT_EQ(held[index].state, passed[index].state);
                EXPECT_LE(held[index].from, passed[index].at) << scenario.name;
                EXPECT_GE(held[index].from, passed[index].not_before - 1ms) << scenario.name;
                if (index + 1 < held.size()) {
                    EXPECT_EQ(held[index].to, held[index + 1].from) << scenario.name;
                    EXPECT_LE(held[index].from, held[index + 1].from) << scenario.name;
                } else {
                    EXPECT_FALSE(held[index].to) << scenario.name;
                }
            }
        }
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
