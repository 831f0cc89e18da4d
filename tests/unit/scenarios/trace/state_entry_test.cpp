#include "scenarios/trace/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/definition/catalogue.h"
#include "scenarios/recorded_trace.h"

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using tracking::Custody;

const StateSpan& span_in(const std::vector<StateSpan>& spans, TcpState state) {
    for (const StateSpan& span : spans) {
        if (span.state == state) {
            return span;
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

TEST(StateEntry, IsTheSegmentThatMadeTheState) {
    const Trace trace = recorded_trace("late-close");
    const Instant server_fin = sent(trace, Side::server, 'F');
    const Instant client_fin = sent(trace, Side::client, 'F');
    const auto server = timeline(trace, Side::server);
    const auto client = timeline(trace, Side::client);
    EXPECT_EQ(span_in(server, TcpState::fin_wait1).began, server_fin);
    EXPECT_EQ(span_in(client, TcpState::close_wait).began, server_fin);
    EXPECT_EQ(span_in(server, TcpState::time_wait).began, client_fin);
    EXPECT_EQ(span_in(client, TcpState::last_ack).began, client_fin);
    EXPECT_EQ(span_in(client, TcpState::close).began, trace.packets.back().at);
    // The delayed ACK, and not the poll after it.
    EXPECT_EQ(span_in(server, TcpState::fin_wait2).began, trace.packets[6].at);
    EXPECT_EQ(span_in(client, TcpState::established).began, trace.packets[1].at);
    EXPECT_EQ(span_in(server, TcpState::established).began, trace.packets[2].at);
}

TEST(StateEntry, AnAcknowledgementOfDataIsNotOneOfTheFin) {
    Trace trace = recorded_trace("late-close");
    // Not polled for the whole time: the state may have begun with either of the client's two segments.
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
    add(trace, late);  // and once more, when the FIN was sent
    const auto server = timeline(trace, Side::server);
    EXPECT_EQ(span_in(server, TcpState::fin_wait2).began, trace.packets[7].at);
    EXPECT_EQ(trace.packets[6].at, late.at);
}

TEST(StateEntry, WithoutASegmentIsThePoll) {
    const Trace trace = recorded_trace("late-close-after-expiry");
    const auto expired = std::find_if(trace.observations.begin(), trace.observations.end(),
                                      [](const StateObservation& observation) {
                                          return observation.side == Side::server &&
                                                 observation.state == TcpState::close;
                                      });
    ASSERT_NE(expired, trace.observations.end());
    const auto server = timeline(trace, Side::server);
    const StateSpan& gone = span_in(server, TcpState::close);
    EXPECT_EQ(gone.began, expired->seen);
    EXPECT_EQ(gone.earliest, expired->not_before);
    EXPECT_FALSE(gone.ended);
    EXPECT_TRUE(gone.holders.empty());
}

TEST(StateEntry, OfAFinBehindDataIsTheCall) {
    Trace trace;
    add(trace, MadeCall{Side::server, {"close", 0, 0, 10ms, 11ms}});
    add(trace, StateObservation{Side::server, TcpState::established, Custody::process, Instant{1ms},
                                Instant{2ms}});
    add(trace, StateObservation{Side::server, TcpState::fin_wait1, Custody::orphan, Instant{9ms},
                                Instant{12ms}});
    EXPECT_EQ(timeline(trace, Side::server).back().began, Instant{10ms});
}

TEST(StateEntry, ASegmentOutsideThePollsMadeNothing) {
    Trace trace;
    add(trace, Packet{Instant{5ms}, Side::server, "F.", 0});
    add(trace, Packet{Instant{30ms}, Side::server, "F.", 0});
    add(trace, StateObservation{Side::client, TcpState::close_wait, Custody::process, Instant{9ms},
                                Instant{12ms}});
    EXPECT_EQ(timeline(trace, Side::client).back().began, Instant{12ms});
}

/// A server's end that waits for accept(), is accepted after 5 ms and closed by its process after 20.
Trace accepted_trace() {
    Trace trace;
    add(trace, StateObservation{Side::server, TcpState::established, Custody::accept_queue,
                                Instant{1ms}, Instant{2ms}});
    add(trace, MadeCall{Side::server, {"accept", 5, 0, 0ms, 5ms}});
    return trace;
}

TEST(Timeline, NamesTheHoldersOneAfterAnother) {
    Trace trace = accepted_trace();
    add(trace, StateObservation{Side::server, TcpState::established, Custody::process, Instant{7ms},
                                Instant{8ms}});
    add(trace, StateObservation{Side::server, TcpState::fin_wait1, Custody::orphan, Instant{19ms},
                                Instant{20ms}});
    const auto server = timeline(trace, Side::server);
    ASSERT_EQ(server.size(), 2U);
    EXPECT_EQ(server[0].holders, (std::vector<Holder>{{Custody::accept_queue, server[0].began},
                                                      {Custody::process, Instant{5ms}}}));
    EXPECT_EQ(server[1].holders, (std::vector<Holder>{{Custody::orphan, server[1].began}}));
}

TEST(Timeline, ASocketThatAcceptReturnedIsHeldByTheProcess) {
    const auto server = timeline(accepted_trace(), Side::server);
    ASSERT_EQ(server[0].holders.size(), 2U) << "no poll saw it there";
    EXPECT_EQ(server[0].holders[1], (Holder{Custody::process, Instant{5ms}}));
}

TEST(StateEntry, IsBetweenThePollsInEveryTrace) {
    for (const Scenario& scenario : runnable_scenarios()) {
        const Trace trace = recorded_trace(scenario.name);
        for (const Side side : tracking::kSides) {
            for (const StateSpan& span : timeline(trace, side)) {
                EXPECT_GE(span.began, span.earliest - 1ms) << scenario.name;
                for (const StateObservation& it : trace.observations) {
                    if (it.side == side && it.state == span.state) {
                        EXPECT_LE(span.began, it.seen) << scenario.name;
                    }
                }
            }
        }
    }
}

TEST(Timeline, HasNoGapInAnyTrace) {
    for (const Scenario& scenario : runnable_scenarios()) {
        const Trace trace = recorded_trace(scenario.name);
        for (const Side side : tracking::kSides) {
            const auto spans = timeline(trace, side);
            ASSERT_FALSE(spans.empty()) << scenario.name;
            for (std::size_t index = 0; index + 1 < spans.size(); ++index) {
                EXPECT_EQ(spans[index].ended, spans[index + 1].began) << scenario.name;
                EXPECT_LE(spans[index].began, spans[index + 1].began) << scenario.name;
            }
            EXPECT_FALSE(spans.back().ended) << scenario.name;
        }
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
