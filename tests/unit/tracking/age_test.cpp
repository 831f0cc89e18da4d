#include "tracking/age.h"

#include <gtest/gtest.h>

#include "sockets.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

constexpr auto kEstimated = Age::Kind::estimated;
constexpr auto kAtLeast = Age::Kind::at_least;

/// The three times since of a socket of a host where the retransmission timeout is the smallest, 200 ms and a little.
TcpInfo times(std::chrono::milliseconds sent, std::chrono::milliseconds received,
              std::chrono::milliseconds acknowledged) {
    return {sent, received, acknowledged, 204ms, 0};
}

Age close_wait_age(const TcpInfo& info, Timer::Kind timer = Timer::Kind::none) {
    SocketRecord record = held(kServer, close_wait);
    record.timer = {timer, 0, 1s};
    return estimate_age(record, info);
}

}  // namespace

// As measured on Linux 6.18, five seconds after the FIN.
TEST(CloseWaitAge, IsTheTimeSinceTheFinsAckWhereNothingWasSentSince) {
    EXPECT_EQ(close_wait_age(times(7'000ms, 7'000ms, 5'000ms)), (Age{5'000ms, kEstimated}))
        << "no data at all";
    EXPECT_EQ(close_wait_age(times(7'004ms, 7'004ms, 5'004ms)), (Age{5'004ms, kEstimated}))
        << "data two seconds before the FIN";
    EXPECT_EQ(close_wait_age(times(9'000ms, 6'000ms, 5'000ms)), (Age{5'000ms, kEstimated}))
        << "the peer's data a second before the FIN";
}

TEST(CloseWaitAge, IsExactWhereDataCameWithTheFin) {
    EXPECT_EQ(close_wait_age(times(5'000ms, 5'000ms, 5'000ms)), (Age{5'000ms, kEstimated}));
    EXPECT_EQ(close_wait_age(times(100ms, 5'012ms, 5'000ms)), (Age{5'000ms, kEstimated}))
        << "whatever was sent since: no ACK came for it";
    EXPECT_EQ(close_wait_age(times(5'000ms, 5'021ms, 5'000ms)), (Age{5'000ms, kAtLeast, 5'021ms}));
}

TEST(CloseWaitAge, IsALowerBoundWhereDataSentSinceWasAcknowledged) {
    EXPECT_EQ(close_wait_age(times(3'000ms, 5'000ms, 3'000ms)), (Age{3'000ms, kAtLeast, 5'000ms}));
}

// The peer may delay the ACK by 200 ms, whatever the round trip is.
TEST(CloseWaitAge, IsALowerBoundWhereTheAckOfDataSentSinceWasDelayed) {
    EXPECT_EQ(close_wait_age(times(3'000ms, 5'000ms, 2'960ms)), (Age{2'960ms, kAtLeast, 5'000ms}));
    EXPECT_EQ(close_wait_age(times(3'000ms, 5'000ms, 2'796ms)), (Age{2'796ms, kAtLeast, 5'000ms}));
    EXPECT_EQ(close_wait_age(times(3'000ms, 5'000ms, 2'795ms)), (Age{2'795ms, kEstimated}));
}

TEST(CloseWaitAge, IsALowerBoundWhereProbesMayHaveBeenAnswered) {
    EXPECT_EQ(close_wait_age(times(7'000ms, 7'000ms, 924ms), Timer::Kind::keepalive),
              (Age{924ms, kAtLeast, 7'000ms}));
    EXPECT_EQ(close_wait_age(times(7'000ms, 7'000ms, 924ms), Timer::Kind::probe),
              (Age{924ms, kAtLeast, 7'000ms}));
    EXPECT_EQ(close_wait_age(times(7'000ms, 5'010ms, 5'000ms), Timer::Kind::keepalive),
              (Age{5'000ms, kEstimated}))
        << "the bounds meet all the same";
}

TEST(CloseWaitAge, IsNotKnownWithoutTcpInfo) {
    EXPECT_EQ(estimate_age(held(kServer, close_wait), std::nullopt), (Age{0ms, kAtLeast}));
}

TEST(MinisockAge, OfTimeWaitIsWhatIsGoneOfTheMinute) {
    EXPECT_EQ(estimate_age(minisock(kServer, time_wait, 45s), std::nullopt),
              (Age{15s, kEstimated}));
    EXPECT_EQ(estimate_age(minisock(kServer, time_wait, 0ms), std::nullopt),
              (Age{60s, kEstimated}));
}

// tcp_fin_timeout may have been another when the minisock was made, and TCP_LINGER2 sets a time of its own.
TEST(MinisockAge, OfFinWait2IsNotKnownFromWhatIsLeftOfItsTime) {
    EXPECT_EQ(estimate_age(minisock(kServer, fin_wait2, 45s), std::nullopt), (Age{0ms, kAtLeast}));
}

TEST(Age, OfALowerBoundHasAnUpperOneOnlyIfItIsKnown) {
    EXPECT_EQ((Age{5s, kAtLeast}).upper_bound(), std::nullopt);
    EXPECT_EQ((Age{5s, kAtLeast, 9s}).upper_bound(), Duration{9s});
    EXPECT_EQ((Age{5s, kEstimated}).upper_bound(), Duration{5s});
}

TEST(FinWait2Lifetime, IsTwiceWhatIsBeyondAMinute) {
    EXPECT_EQ(fin_wait2_lifetime(2s), 2s);
    EXPECT_EQ(fin_wait2_lifetime(60s), 60s);
    EXPECT_EQ(fin_wait2_lifetime(61s), 2s);
    EXPECT_EQ(fin_wait2_lifetime(70s), 20s);
    EXPECT_EQ(fin_wait2_lifetime(120s), 120s);
}

TEST(Age, OfOtherStatesIsNotKnown) {
    for (const TcpState state : {fin_wait1, fin_wait2, last_ack, closing, established}) {
        EXPECT_EQ(estimate_age(held(kServer, state), times(9s, 9s, 9s)), (Age{0ms, kAtLeast}))
            << name(state);
    }
}

TEST(Age, TheKindsHaveTheirNamesOfTheContract) {
    EXPECT_STREQ(name(Age::Kind::observed), "observed");
    EXPECT_STREQ(name(Age::Kind::estimated), "estimated");
    EXPECT_STREQ(name(Age::Kind::at_least), "at_least");
}

}  // namespace halfclosed::tracking
