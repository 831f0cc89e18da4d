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

Instant at(std::chrono::nanoseconds since_boot) {
    return Instant{since_boot};
}

/// A trace told in the order of its events; each takes a millisecond.
class Telling {
 public:
    Telling& call(Side who, const char* name, std::int64_t result = 0, int error = 0) {
        tell(trace_, MadeCall{who, {name, result, error, now_, now_ + 1ms}});
        return step();
    }
    Telling& seen(Side side, TcpState state) {
        tell(trace_, StateObservation{side, state, std::nullopt, at(now_ - 1ms), at(now_ + 1ms)});
        return step();
    }
    Telling& killed(Side who, int signal) {
        tell(trace_, SentSignal{who, signal, at(now_)});
        step();
        tell(trace_, Ended{who, {true, signal}, at(now_ + 1ms)});
        return step();
    }
    Telling& moved(const char* event) {
        if (!trace_.events) {
            trace_.events.emplace();
        }
        trace_.events->events[event] = 1;
        return *this;
    }
    const Trace& trace() const { return trace_; }

    /// "established, (fin_wait1), time_wait": in parentheses what is implied.
    std::string states(Side side) const {
        std::string text;
        for (const StateSpan& span : spans(trace_, side)) {
            const bool implied = span.evidence == Evidence::implied;
            text.append(text.empty() ? "" : ", ");
            text.append(implied ? "(" + name(span.state) + ")" : name(span.state));
            EXPECT_EQ(implied, !span.because.empty());
            EXPECT_LE(span.not_before, span.at);
        }
        return text;
    }

 private:
    Telling& step() {
        now_ += 10ms;
        return *this;
    }

    Trace trace_;
    std::chrono::nanoseconds now_{1s};
};

/// What both ends do before the client decides.
Telling greeting() {
    Telling telling;
    telling.call(Side::client, "connect")
        .call(Side::server, "accept", 5)
        .call(Side::server, "write", 26);
    telling.call(Side::server, "close")
        .call(Side::client, "read", 26)
        .call(Side::client, "read", 0);
    return telling;
}

TEST(Passages, OfNothingAreNone) {
    EXPECT_THAT(spans({}, Side::server), IsEmpty());
    EXPECT_THAT(spans({}, Side::client), IsEmpty());
}

TEST(Passages, SeenOnesStandInTheirOrderOnce) {
    Telling telling;
    telling.seen(Side::server, TcpState::syn_recv)
        .seen(Side::server, TcpState::established)
        .seen(Side::client, TcpState::established)
        .seen(Side::server, TcpState::established)
        .seen(Side::server, TcpState::fin_wait1)
        .seen(Side::server, TcpState::fin_wait2);
    EXPECT_EQ(telling.states(Side::server), "established, fin_wait1, fin_wait2");
}

/// KERNEL case: all of it within 0.1 ms, and a poll sees only what stays.
TEST(Passages, ACloseAtOnceIsProvenByCallsAndByTheTimeWaitThatStays) {
    Telling telling = greeting();
    telling.call(Side::client, "close")
        .seen(Side::server, TcpState::time_wait)
        .seen(Side::client, TcpState::close);
    EXPECT_EQ(telling.states(Side::server), "(established), (fin_wait1), (fin_wait2), time_wait");
    EXPECT_EQ(telling.states(Side::client), "(established), (close_wait), (last_ack), close");
}

TEST(Passages, WithoutTheClientsEndOfFileTheWayToTimeWaitIsNotKnown) {
    Telling telling;
    telling.call(Side::client, "connect")
        .call(Side::server, "accept", 5)
        .call(Side::server, "close");
    telling.seen(Side::server, TcpState::time_wait);
    // FIN-WAIT-2 or CLOSING: nothing tells. FIN-WAIT-1 lies on both ways.
    EXPECT_EQ(telling.states(Side::server), "(established), (fin_wait1), time_wait");
}

TEST(Passages, AClosingThatWasSeenRulesFinWait2Out) {
    Telling telling = greeting();
    telling.seen(Side::server, TcpState::closing).call(Side::client, "close");
    telling.seen(Side::server, TcpState::time_wait);
    EXPECT_EQ(telling.states(Side::server), "(established), (fin_wait1), closing, time_wait");
}

TEST(Passages, NoTimeWaitNoFinWait2) {
    Telling telling = greeting();
    telling.call(Side::client, "close").seen(Side::server, TcpState::close);
    EXPECT_EQ(telling.states(Side::server), "(established), (fin_wait1), close");
}

TEST(Passages, AClientThatIsKilledAfterEndOfFileSendsAFin) {
    Telling telling = greeting();
    telling.seen(Side::client, TcpState::close_wait)
        .killed(Side::client, SIGINT)
        .seen(Side::client, TcpState::close);
    EXPECT_EQ(telling.states(Side::client), "(established), close_wait, (last_ack), close");
}

TEST(Passages, AClientThatHasNotReadToTheEndDoesNot) {
    Telling telling;
    telling.call(Side::client, "connect").seen(Side::client, TcpState::close_wait);
    telling.killed(Side::client, SIGINT).seen(Side::client, TcpState::close);
    EXPECT_EQ(telling.states(Side::client), "(established), close_wait, close");
}

TEST(Passages, AClientThatWroteMayHaveBeenResetBeforeItClosed) {
    Telling telling = greeting();
    telling.call(Side::client, "write", 4)
        .call(Side::client, "write", -1, EPIPE)
        .call(Side::client, "close");
    telling.seen(Side::client, TcpState::close);
    EXPECT_EQ(telling.states(Side::client), "(established), (close_wait), close");
}

TEST(Passages, AClientThatWasGoneBeforeItClosedSentNoFin) {
    Telling telling = greeting();
    telling.seen(Side::client, TcpState::close).call(Side::client, "close");
    EXPECT_EQ(telling.states(Side::client), "(established), (close_wait), close");
}

TEST(Passages, AnAbortOnDataProvesFinWait2OnlyWithItsCounterAndWithoutAMinisock) {
    const auto telling = [] {
        Telling trace = greeting();
        trace.call(Side::client, "write", 4).seen(Side::server, TcpState::close);
        return trace;
    };
    EXPECT_EQ(telling().states(Side::server), "(established), (fin_wait1), close");
    EXPECT_EQ(telling().moved("TCPAbortOnData").states(Side::server),
              "(established), (fin_wait1), (fin_wait2), close");
    EXPECT_EQ(telling().moved("TCPAbortOnData").moved("TWKilled").states(Side::server),
              "(established), (fin_wait1), close");
}

TEST(Passages, ACallThatFailedProvesNothing) {
    Telling telling;
    telling.call(Side::client, "connect", -1, ECONNREFUSED);
    EXPECT_EQ(telling.states(Side::client), "");
    telling.call(Side::server, "accept", -1, EMFILE);
    EXPECT_EQ(telling.states(Side::server), "");
}

TEST(Passages, APeerThatWasClosingHadOurFin) {
    Telling crossed;
    crossed.call(Side::server, "close").seen(Side::server, TcpState::fin_wait1);
    crossed.call(Side::client, "shutdown").seen(Side::client, TcpState::fin_wait1);
    crossed.seen(Side::server, TcpState::closing).seen(Side::client, TcpState::time_wait);
    EXPECT_EQ(crossed.states(Side::client), "fin_wait1, (fin_wait2), time_wait");
    EXPECT_EQ(crossed.states(Side::server), "fin_wait1, closing");
}

TEST(Passages, APeerThatMayHaveBeenClosingLaterProvesNothing) {
    Telling crossed;
    crossed.call(Side::server, "close").seen(Side::server, TcpState::fin_wait1);
    crossed.call(Side::client, "shutdown").seen(Side::client, TcpState::fin_wait1);
    crossed.seen(Side::client, TcpState::time_wait).seen(Side::server, TcpState::closing);
    EXPECT_EQ(crossed.states(Side::client), "fin_wait1, time_wait");
}

/// A client that shuts down after its request; `answers`: whether it reads the answer to its end.
Telling request(bool answers) {
    Telling telling;
    telling.call(Side::client, "connect").call(Side::client, "shutdown");
    telling.call(Side::server, "accept", 5).call(Side::server, "read", 0);
    telling.call(Side::server, "write", 26).call(Side::server, "close");
    if (answers) {
        telling.call(Side::client, "read", 26).call(Side::client, "read", 0);
    }
    telling.seen(Side::server, TcpState::close);
    return telling;
}

TEST(Passages, AnAnswerThatWasReadToItsEndWasClosedWithAFin) {
    EXPECT_EQ(request(true).states(Side::server), "(established), (close_wait), (last_ack), close");
}

TEST(Passages, AnAnswerThatNobodyReadMayHaveBeenReset) {
    EXPECT_EQ(request(false).states(Side::server), "(established), (close_wait), close");
}

TEST(Passages, WhatCannotBeOtherwiseIsImpliedByTheStateMachine) {
    Telling telling;
    telling.seen(Side::server, TcpState::established).seen(Side::server, TcpState::fin_wait2);
    EXPECT_EQ(telling.states(Side::server), "established, (fin_wait1), fin_wait2");
}

TEST(Stay, IsAsLongAsTheLooksLeaveOpen) {
    const std::vector<StateSpan> passed{
        {TcpState::fin_wait2, Evidence::seen, at(10ms), at(12ms), {}},
        {TcpState::close, Evidence::seen, at(2011ms), at(2013ms), {}},
    };
    EXPECT_EQ(stay(passed, 0), (Stay{1999ms, 2003ms}));
    EXPECT_EQ(stay(passed, 1), std::nullopt);
}

TEST(Stay, IsNotNegative) {
    const std::vector<StateSpan> passed{
        {TcpState::fin_wait1, Evidence::implied, at(10ms), at(12ms), "a reason"},
        {TcpState::fin_wait2, Evidence::seen, at(11ms), at(13ms), {}},
    };
    EXPECT_EQ(stay(passed, 0), (Stay{0ms, 3ms}));
}

}  // namespace
}  // namespace halfclosed::scenarios
