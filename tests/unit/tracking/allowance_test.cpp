#include "tracking/allowance.h"

#include <gtest/gtest.h>

#include <utility>

#include "sockets.h"
#include "tracking/tracker.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

const Instant kStart{1h};

std::vector<SocketRecord> crowd_of(std::uint64_t first, std::uint64_t size,
                                   TcpState state = close_wait) {
    std::vector<SocketRecord> records;
    for (std::uint64_t i = 0; i < size; ++i) {
        records.push_back(held({Cookie{first + i},
                                ipv4(1, 9999),
                                {{Family::ipv4, {10, 0, 0, 1}}, static_cast<std::uint16_t>(1 + i)}},
                               state));
        if (state == time_wait) {
            records.back().timer = {Timer::Kind::timewait, 0, 59'900ms};
        }
    }
    return records;
}

std::uint64_t counted(const Tracker& tracker) {
    return tracker.without_detail(60s, kStart + 1s).sockets;
}

class TrackersOfTwoNamespaces : public testing::Test {
 protected:
    TrackersOfTwoNamespaces() {
        bounds_->detail.set(10);
        bounds_->time_waits.set(30);
        first_.observe({}, kStart);
        second_.observe({}, kStart);
    }

    SharedBounds bounds_ = std::make_shared<TrackerBounds>();
    Tracker first_{WatchedPorts({{9999, 9999}}), bounds_};
    Tracker second_{WatchedPorts({{9999, 9999}}), bounds_};
};

TEST(Allowance, IsForAllSharesTogether) {
    const auto allowance = std::make_shared<Allowance>(10);
    Allowance::Share one(allowance);
    Allowance::Share other(allowance);
    one.hold(6);
    EXPECT_EQ(one.most(), 10U);
    EXPECT_EQ(other.most(), 4U);
    other.hold(4);
    EXPECT_EQ(one.most(), 6U);
    one.hold(1);
    EXPECT_EQ(other.most(), 9U);
    EXPECT_EQ(allowance->taken(), 5U);
}

TEST(Allowance, ComesBackWithItsShare) {
    const auto allowance = std::make_shared<Allowance>(10);
    Allowance::Share one(allowance);
    one.hold(3);
    {
        Allowance::Share passing(allowance);
        passing.hold(7);
        Allowance::Share moved(std::move(passing));
        EXPECT_EQ(allowance->taken(), 10U);
    }
    EXPECT_EQ(allowance->taken(), 3U);
    one = Allowance::Share(allowance);
    EXPECT_EQ(allowance->taken(), 0U);
}

TEST(Allowance, BelowWhatIsTakenNothingIsAdded) {
    const auto allowance = std::make_shared<Allowance>(10);
    Allowance::Share one(allowance);
    Allowance::Share other(allowance);
    one.hold(8);
    allowance->set(5);
    EXPECT_EQ(one.most(), 5U);
    EXPECT_EQ(other.most(), 0U);
}

TEST_F(TrackersOfTwoNamespaces, KeepTogetherSoManyInDetail) {
    first_.observe(crowd_of(1'000, 7), kStart + 1s);
    second_.observe(crowd_of(5'000, 7), kStart + 1s);
    EXPECT_EQ(first_.in_detail(), 7U);
    EXPECT_EQ(second_.in_detail(), 3U);
    EXPECT_EQ(counted(second_), 4U);
    // A census of the first, too, leaves the second's alone.
    first_.observe(crowd_of(1'000, 50), kStart + 2s);
    EXPECT_EQ(first_.in_detail() + second_.in_detail(), 10U);
    EXPECT_EQ(counted(first_) + counted(second_), 50U + 7U - 10U) << "every socket is counted";
}

TEST_F(TrackersOfTwoNamespaces, LeaveEachOtherWhatTheyGiveBack) {
    first_.observe(crowd_of(1'000, 20), kStart + 1s);
    second_.observe(crowd_of(5'000, 7), kStart + 1s);
    EXPECT_EQ(second_.in_detail(), 0U);
    first_.abandon(kStart + 2s);
    EXPECT_EQ(bounds_->counted.taken(), 7U);
    second_.observe(crowd_of(5'000, 7), kStart + 2s);
    EXPECT_EQ(second_.in_detail(), 7U);
    EXPECT_EQ(bounds_->counted.taken(), 0U);
    // The one that was abandoned is in the same bounds as before.
    first_.observe({}, kStart + 3s);
    first_.observe(crowd_of(1'000, 20), kStart + 4s);
    EXPECT_EQ(first_.in_detail(), 3U);
}

TEST_F(TrackersOfTwoNamespaces, FollowTogetherSoManyInTimeWait) {
    first_.observe(crowd_of(1'000, 20, time_wait), kStart + 1s);
    second_.observe(crowd_of(5'000, 20, time_wait), kStart + 1s);
    EXPECT_EQ(bounds_->time_waits.taken(), 30U);
    first_.watch_other(WatchedPorts({{80, 80}}));
    EXPECT_EQ(bounds_->time_waits.taken(), 10U);
}

TEST_F(TrackersOfTwoNamespaces, FollowTogetherSoManyWithoutATable) {
    bounds_->candidates.set(6);
    bounds_->detail.set(100);
    const auto end_all = [](Tracker& tracker, std::uint64_t first) {
        tracker.observe(crowd_of(first, 10), kStart + 1s);
        tracker.observe({}, kStart + 2s);
        tracker.observe({}, kStart + 3s);
    };
    end_all(first_, 1'000);
    end_all(second_, 5'000);
    EXPECT_GT(bounds_->candidates.taken(), 0U);
    EXPECT_LE(first_.descriptors_to_check().size() + second_.descriptors_to_check().size(), 6U);
}

}  // namespace
}  // namespace halfclosed::tracking
