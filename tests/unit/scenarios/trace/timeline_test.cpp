#include "scenarios/trace/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using tracking::Evidence;

Instant seen_at(std::chrono::nanoseconds since_boot) {
    return Instant{since_boot};
}

/// Builds a trace in the order of its events; each takes a millisecond.
class TraceBuilder {
 public:
    TraceBuilder& call(Side who, const char* name, std::int64_t result = 0, int error = 0) {
        add(trace_, MadeCall{who, {name, result, error, now_, now_ + 1ms}});
        return step();
    }
    TraceBuilder& seen(Side side, TcpState state) {
        add(trace_,
            StateObservation{side, state, std::nullopt, seen_at(now_ - 1ms), seen_at(now_ + 1ms)});
        return step();
    }
    TraceBuilder& killed(Side who, int signal) {
        add(trace_, SentSignal{who, signal, seen_at(now_)});
        step();
        add(trace_, ProgramExit{who, {true, signal}, seen_at(now_ + 1ms)});
        return step();
    }
    TraceBuilder& moved(const char* event) {
        if (!trace_.counters) {
            trace_.counters.emplace();
        }
        trace_.counters->moved[event] = 1;
        return *this;
    }
    const Trace& trace() const { return trace_; }

    /// "established, (fin_wait1), time_wait": in parentheses what is implied.
    std::string states(Side side) const {
        std::string text;
        for (const StateSpan& span : timeline(trace_, side)) {
            const bool implied = span.evidence == Evidence::implied;
            text.append(text.empty() ? "" : ", ");
            text.append(implied ? "(" + name(span.state) + ")" : name(span.state));
            EXPECT_EQ(implied, !span.because.empty());
            EXPECT_LE(span.earliest, span.began + 1ms);
        }
        return text;
    }

 private:
    TraceBuilder& step() {
        now_ += 10ms;
        return *this;
    }

    Trace trace_;
    std::chrono::nanoseconds now_{1s};
};

/// What both ends do before the client decides.
TraceBuilder greeting() {
    TraceBuilder builder;
    builder.call(Side::client, "connect")
        .call(Side::server, "accept", 5)
        .call(Side::server, "write", 26);
    builder.call(Side::server, "close")
        .call(Side::client, "read", 26)
        .call(Side::client, "read", 0);
    return builder;
}

TEST(Timeline, OfNothingAreNone) {
    EXPECT_THAT(timeline({}, Side::server), IsEmpty());
    EXPECT_THAT(timeline({}, Side::client), IsEmpty());
}

TEST(Timeline, SeenOnesStandInTheirOrderOnce) {
    TraceBuilder builder;
    builder.seen(Side::server, TcpState::syn_recv)
        .seen(Side::server, TcpState::established)
        .seen(Side::client, TcpState::established)
        .seen(Side::server, TcpState::established)
        .seen(Side::server, TcpState::fin_wait1)
        .seen(Side::server, TcpState::fin_wait2);
    EXPECT_EQ(builder.states(Side::server), "established, fin_wait1, fin_wait2");
}

/// KERNEL case: all of it within 0.1 ms, and a poll sees only what stays.
TEST(Timeline, ACloseAtOnceIsProvenByCallsAndByTheTimeWaitThatStays) {
    TraceBuilder builder = greeting();
    builder.call(Side::client, "close")
        .seen(Side::server, TcpState::time_wait)
        .seen(Side::client, TcpState::close);
    EXPECT_EQ(builder.states(Side::server), "(established), (fin_wait1), (fin_wait2), time_wait");
    EXPECT_EQ(builder.states(Side::client), "(established), (close_wait), (last_ack), close");
}

TEST(Timeline, WithoutTheClientsEndOfFileTheWayToTimeWaitIsNotKnown) {
    TraceBuilder builder;
    builder.call(Side::client, "connect")
        .call(Side::server, "accept", 5)
        .call(Side::server, "close");
    builder.seen(Side::server, TcpState::time_wait);
    // FIN-WAIT-2 or CLOSING: nothing tells. FIN-WAIT-1 lies on both ways.
    EXPECT_EQ(builder.states(Side::server), "(established), (fin_wait1), time_wait");
}

TEST(Timeline, AClosingThatWasSeenRulesFinWait2Out) {
    TraceBuilder builder = greeting();
    builder.seen(Side::server, TcpState::closing).call(Side::client, "close");
    builder.seen(Side::server, TcpState::time_wait);
    EXPECT_EQ(builder.states(Side::server), "(established), (fin_wait1), closing, time_wait");
}

TEST(Timeline, NoTimeWaitNoFinWait2) {
    TraceBuilder builder = greeting();
    builder.call(Side::client, "close").seen(Side::server, TcpState::close);
    EXPECT_EQ(builder.states(Side::server), "(established), (fin_wait1), close");
}

TEST(Timeline, AClientThatIsKilledAfterEndOfFileSendsAFin) {
    TraceBuilder builder = greeting();
    builder.seen(Side::client, TcpState::close_wait)
        .killed(Side::client, SIGINT)
        .seen(Side::client, TcpState::close);
    EXPECT_EQ(builder.states(Side::client), "(established), close_wait, (last_ack), close");
}

TEST(Timeline, AClientThatHasNotReadToTheEndDoesNot) {
    TraceBuilder builder;
    builder.call(Side::client, "connect").seen(Side::client, TcpState::close_wait);
    builder.killed(Side::client, SIGINT).seen(Side::client, TcpState::close);
    EXPECT_EQ(builder.states(Side::client), "(established), close_wait, close");
}

TEST(Timeline, AClientThatWroteMayHaveBeenResetBeforeItClosed) {
    TraceBuilder builder = greeting();
    builder.call(Side::client, "write", 4)
        .call(Side::client, "write", -1, EPIPE)
        .call(Side::client, "close");
    builder.seen(Side::client, TcpState::close);
    EXPECT_EQ(builder.states(Side::client), "(established), (close_wait), close");
}

TEST(Timeline, AClientThatWasGoneBeforeItClosedSentNoFin) {
    TraceBuilder builder = greeting();
    builder.seen(Side::client, TcpState::close).call(Side::client, "close");
    EXPECT_EQ(builder.states(Side::client), "(established), (close_wait), close");
}

TEST(Timeline, AnAbortOnDataProvesFinWait2OnlyWithItsCounterAndWithoutAMinisock) {
    const auto builder = [] {
        TraceBuilder trace = greeting();
        trace.call(Side::client, "write", 4).seen(Side::server, TcpState::close);
        return trace;
    };
    EXPECT_EQ(builder().states(Side::server), "(established), (fin_wait1), close");
    EXPECT_EQ(builder().moved("TCPAbortOnData").states(Side::server),
              "(established), (fin_wait1), (fin_wait2), close");
    EXPECT_EQ(builder().moved("TCPAbortOnData").moved("TWKilled").states(Side::server),
              "(established), (fin_wait1), close");
}

TEST(Timeline, ACallThatFailedProvesNothing) {
    TraceBuilder builder;
    builder.call(Side::client, "connect", -1, ECONNREFUSED);
    EXPECT_EQ(builder.states(Side::client), "");
    builder.call(Side::server, "accept", -1, EMFILE);
    EXPECT_EQ(builder.states(Side::server), "");
}

TEST(Timeline, APeerThatWasClosingHadOurFin) {
    TraceBuilder crossed;
    crossed.call(Side::server, "close").seen(Side::server, TcpState::fin_wait1);
    crossed.call(Side::client, "shutdown").seen(Side::client, TcpState::fin_wait1);
    crossed.seen(Side::server, TcpState::closing).seen(Side::client, TcpState::time_wait);
    EXPECT_EQ(crossed.states(Side::client), "fin_wait1, (fin_wait2), time_wait");
    EXPECT_EQ(crossed.states(Side::server), "fin_wait1, closing");
}

TEST(Timeline, APeerThatMayHaveBeenClosingLaterProvesNothing) {
    TraceBuilder crossed;
    crossed.call(Side::server, "close").seen(Side::server, TcpState::fin_wait1);
    crossed.call(Side::client, "shutdown").seen(Side::client, TcpState::fin_wait1);
    crossed.seen(Side::client, TcpState::time_wait).seen(Side::server, TcpState::closing);
    EXPECT_EQ(crossed.states(Side::client), "fin_wait1, time_wait");
}

/// A client that shuts down after its request; `answers`: whether it reads the answer to its end.
TraceBuilder request(bool answers) {
    TraceBuilder builder;
    builder.call(Side::client, "connect").call(Side::client, "shutdown");
    builder.call(Side::server, "accept", 5).call(Side::server, "read", 0);
    builder.call(Side::server, "write", 26).call(Side::server, "close");
    if (answers) {
        builder.call(Side::client, "read", 26).call(Side::client, "read", 0);
    }
    builder.seen(Side::server, TcpState::close);
    return builder;
}

TEST(Timeline, AnAnswerThatWasReadToItsEndWasClosedWithAFin) {
    EXPECT_EQ(request(true).states(Side::server), "(established), (close_wait), (last_ack), close");
}

TEST(Timeline, AnAnswerThatNobodyReadMayHaveBeenReset) {
    EXPECT_EQ(request(false).states(Side::server), "(established), (close_wait), close");
}

TEST(Timeline, WhatCannotBeOtherwiseIsImpliedByTheStateMachine) {
    TraceBuilder builder;
    builder.seen(Side::server, TcpState::established).seen(Side::server, TcpState::fin_wait2);
    EXPECT_EQ(builder.states(Side::server), "established, (fin_wait1), fin_wait2");
}

TEST(DurationBounds, AreAsFarApartAsThePollsLeaveOpen) {
    const std::vector<StateSpan> spans{
        {TcpState::fin_wait2, Evidence::seen, seen_at(10ms), seen_at(12ms), {}, {}, {}},
        {TcpState::close, Evidence::seen, seen_at(2011ms), seen_at(2013ms), {}, {}, {}},
    };
    EXPECT_EQ(duration_bounds(spans, 0), (DurationBounds{1999ms, 2003ms}));
    EXPECT_EQ(duration_bounds(spans, 1), std::nullopt);
}

TEST(DurationBounds, AreNotNegative) {
    const std::vector<StateSpan> spans{
        {TcpState::fin_wait1, Evidence::implied, seen_at(10ms), seen_at(12ms), {}, {}, "a reason"},
        {TcpState::fin_wait2, Evidence::seen, seen_at(11ms), seen_at(13ms), {}, {}, {}},
    };
    EXPECT_EQ(duration_bounds(spans, 0), (DurationBounds{0ms, 3ms}));
}

}  // namespace
}  // namespace halfclosed::scenarios
