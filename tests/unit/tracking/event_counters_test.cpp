#include "tracking/event_counters.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sockets.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

constexpr PortMatch kOurs{0, 9999, Side::client};

Transition transition(TcpState from, TcpState to) {
    return {{}, kOurs, {from, to}, Evidence::seen, std::nullopt};
}

std::size_t bucket_of(double seconds) {
    DurationHistogram histogram;
    histogram.observe(seconds);
    const auto found = std::find(histogram.counts.begin(), histogram.counts.end(), 1u);
    return static_cast<std::size_t>(found - histogram.counts.begin());
}

}  // namespace

TEST(DurationHistogram, ABoundBelongsToItsBucket) {
    EXPECT_EQ(bucket_of(0), 0u);
    EXPECT_EQ(bucket_of(1), 0u);
    EXPECT_EQ(bucket_of(1.001), 1u);
    EXPECT_EQ(bucket_of(60), 4u);
    EXPECT_EQ(bucket_of(60.001), 5u);
    EXPECT_EQ(bucket_of(86'400), 10u);
    EXPECT_EQ(bucket_of(86'401), 11u);
}

TEST(DurationHistogram, CountsAndAddsUp) {
    DurationHistogram histogram;
    for (const double seconds : {0.5, 2.0, 2.0, 1e6}) {
        histogram.observe(seconds);
    }
    EXPECT_EQ(histogram.count(), 4u);
    EXPECT_DOUBLE_EQ(histogram.sum, 1'000'004.5);
    EXPECT_EQ(histogram.counts[1], 2u);
    EXPECT_EQ(histogram.counts.back(), 1u);
}

TEST(DurationHistogram, TheBoundsRise) {
    EXPECT_TRUE(
        std::is_sorted(DurationHistogram::kBounds.begin(), DurationHistogram::kBounds.end()));
}

// A rate needs a first value: what can occur is there from the start.
TEST(EventCounters, EveryCombinationIsThereFromTheStart) {
    const EventCounters counters(2);
    EXPECT_EQ(counters.transitions.size(), 2 * 2 * closing_edges().size() * 2);
    EXPECT_EQ(counters.durations.size(), 2u * 2 * 6);
    EXPECT_EQ(counters.fin_wait2_ended.size(), 2u * 2 * 4);
    EXPECT_EQ(counters.close_wait_ended.size(), 2u * 2 * 3);
    for (const auto& [key, count] : counters.transitions) {
        EXPECT_EQ(count, 0u);
    }
}

TEST(EventCounters, AddsWhatALookBrought) {
    EventCounters counters(1);
    Changes changes;
    changes.transitions = {transition(close_wait, last_ack), transition(close_wait, last_ack)};
    changes.ends = {{{}, kOurs, close_wait, CloseWaitEnd::closed, 90s},
                    {{}, kOurs, close_wait, CloseWaitEnd::unknown, 10s},
                    {{}, kOurs, last_ack, {}, 1s},
                    {{}, kOurs, fin_wait2, FinWait2End::expired, std::nullopt}};
    counters.add(changes);
    counters.add(changes);

    EXPECT_EQ((counters.transitions[{0, Side::client, close_wait, last_ack, Evidence::seen}]), 4u);
    EXPECT_EQ((counters.transitions[{0, Side::client, close_wait, last_ack, Evidence::implied}]),
              0u);
    EXPECT_EQ((counters.transitions[{0, Side::server, close_wait, last_ack, Evidence::seen}]), 0u);
    const DurationHistogram& held = counters.durations[{0, Side::client, close_wait}];
    EXPECT_EQ(held.count(), 4u) << "however it ended";
    EXPECT_DOUBLE_EQ(held.sum, 200);
    EXPECT_EQ((counters.durations[{0, Side::client, last_ack}].count()), 2u);
    EXPECT_EQ((counters.durations[{0, Side::client, fin_wait2}].count()), 0u)
        << "a time that is not known is not observed";
    EXPECT_EQ((counters.fin_wait2_ended[{0, Side::client, FinWait2End::expired}]), 2u);
    EXPECT_EQ((counters.fin_wait2_ended[{0, Side::client, FinWait2End::killed}]), 0u);
    EXPECT_EQ((counters.close_wait_ended[{0, Side::client, CloseWaitEnd::unknown}]), 2u);
}

// Whatever a tracker can say has its place: the counters never grows a key.
TEST(EventCounters, HasAPlaceForEveryEdge) {
    EventCounters counters(1);
    const EventCounters before = counters;
    Changes changes;
    for (const Edge& edge : closing_edges()) {
        changes.transitions.push_back(transition(edge.from, edge.to));
        if (edge.from != established) {
            changes.ends.push_back({{}, kOurs, edge.from, {}, 1s});
        }
    }
    counters.add(changes);
    EXPECT_EQ(counters.transitions.size(), before.transitions.size());
    EXPECT_EQ(counters.durations.size(), before.durations.size());
}

// A reload: 9999 moves from the first place to the second, 8000 is new, 80 is gone.
TEST(EventCounters, CountsStayWithTheirLabel) {
    EventCounters counters(2);
    counters.fin_wait2_ended[{1, Side::server, FinWait2End::expired}] = 7;
    counters.close_wait_ended[{0, Side::client, CloseWaitEnd::closed}] = 3;
    counters.durations[{1, Side::server, close_wait}].observe(5);
    counters.relabel({"80", "9999"}, {"8000", "9999"});

    EventCounters expected(2);
    expected.fin_wait2_ended[{1, Side::server, FinWait2End::expired}] = 7;
    expected.durations[{1, Side::server, close_wait}].observe(5);
    EXPECT_EQ(counters, expected);

    counters.relabel({"8000", "9999"}, {"9999"});
    EXPECT_EQ((counters.fin_wait2_ended[{0, Side::server, FinWait2End::expired}]), 7U);
    EXPECT_EQ(counters.transitions.size(), EventCounters(1).transitions.size());
}

}  // namespace halfclosed::tracking
