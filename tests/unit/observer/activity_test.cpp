#include "observer/activity.h"

#include <gtest/gtest.h>

namespace halfclosed {
namespace {

Activity activity(std::uint64_t inuse, std::uint64_t received, std::uint64_t sent) {
    Activity result;
    result.sockstat.inuse = inuse;
    result.sockstat.inuse6 = 0;
    result.segments = {received, sent};
    return result;
}

TEST(ALookAtANamespace, WalksUnlessNothingCanHaveBecomeHalfClosed) {
    const Activity idle = activity(50, 100, 90);
    EXPECT_TRUE(needs_walk(std::nullopt, idle, 0)) << "never looked at";
    EXPECT_FALSE(needs_walk(idle, idle, 0)) << "connections, and no segment since";
    EXPECT_FALSE(needs_walk(idle, idle, 10)) << "what is followed is asked for by name";
    EXPECT_TRUE(needs_walk(idle, idle, 1'000)) << "a walk is cheaper";
    EXPECT_TRUE(needs_walk(idle, activity(50, 101, 90), 0)) << "a FIN may have come";
    EXPECT_TRUE(needs_walk(idle, activity(50, 100, 91), 0)) << "or gone";
    EXPECT_TRUE(needs_walk(idle, activity(51, 100, 90), 0)) << "a socket that no segment brought";
    EXPECT_FALSE(needs_walk(idle, activity(49, 100, 90), 1)) << "one that a timer ended";
}

TEST(ALookAtANamespace, NeedsNoWalkWithoutSockets) {
    EXPECT_FALSE(needs_walk(std::nullopt, activity(0, 0, 0), 0));
    EXPECT_FALSE(needs_walk(activity(50, 100, 90), activity(0, 200, 190), 0));
    EXPECT_TRUE(needs_walk(activity(50, 100, 90), activity(0, 200, 190), 1))
        << "what was followed is to be found gone";
    Activity minisocks = activity(0, 0, 0);
    minisocks.sockstat.tw = 1;
    EXPECT_TRUE(needs_walk(std::nullopt, minisocks, 0));
    Activity ipv6 = activity(0, 0, 0);
    ipv6.sockstat.inuse6 = 1;
    EXPECT_TRUE(needs_walk(std::nullopt, ipv6, 0));
}

TEST(ACensusOfANamespace, StandsWhileNothingMoves) {
    const Activity before = activity(50, 100, 90);
    EXPECT_TRUE(same_census(before, before));
    EXPECT_FALSE(same_census(std::nullopt, before));
    EXPECT_FALSE(same_census(before, activity(50, 101, 90)));
    EXPECT_FALSE(same_census(before, activity(49, 100, 90)));
    Activity expired = before;
    expired.sockstat.tw = 1;
    EXPECT_FALSE(same_census(expired, before));
    Activity elsewhere = before;
    elsewhere.sockstat.orphan = 7;
    EXPECT_TRUE(same_census(before, elsewhere)) << "orphans and memory are the whole system's";
}

TEST(Activity, IsOfTheThreadsOwnNamespace) {
    const Activity now = read_activity();
    EXPECT_GT(now.sockstat.sockets_used, 0U);
}

}  // namespace
}  // namespace halfclosed
