#include "exporters/snapshot/unaccounted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporters/sample_snapshot.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;

/// As many sockets in the kernel's tables as a quiet host has, and so many beside them.
Snapshot beside(std::uint64_t sockets, Instant now) {
    Snapshot snapshot = quiet_report();
    snapshot.instant = now;
    snapshot.kernel.sockstat->alloc =
        snapshot.kernel.sockstat->inuse + *snapshot.kernel.sockstat->inuse6 + sockets;
    return snapshot;
}

TEST(Unaccounted, GrowsAboveTheLeastOfTheLastHour) {
    UnaccountedMemory memory;
    EXPECT_EQ(memory.observe(beside(5, kNow)), (Unaccounted{5, 0, 0s}));
    EXPECT_EQ(memory.observe(beside(3, kNow + 10min)), (Unaccounted{3, 0, 0s}));
    EXPECT_EQ(memory.observe(beside(20, kNow + 20min)), (Unaccounted{20, 17, 10min}));
    EXPECT_EQ(memory.observe(beside(20, kNow + 75min)), (Unaccounted{20, 0, 55min}));
}

TEST(Unaccounted, LooksEachSecondAreNotKeptEach) {
    UnaccountedMemory memory;
    for (unsigned second = 0; second < 600; ++second) {
        memory.observe(beside(second, kNow + second * 1s));
    }
    EXPECT_EQ(memory.observe(beside(600, kNow + 600s)), (Unaccounted{600, 600, 600s}));
}

TEST(Unaccounted, WithoutSockstatNothingIsKnown) {
    UnaccountedMemory memory;
    Snapshot snapshot = quiet_report();
    snapshot.kernel.sockstat.reset();
    EXPECT_EQ(memory.observe(snapshot), std::nullopt);
}

TEST(UnaccountedSentence, OtherNamespacesThatCannotBeSeenAreNamedFirst) {
    Snapshot snapshot = quiet_report();
    snapshot.collectors.push_back({.name = "processes", .allowed = false});
    snapshot.unaccounted = Unaccounted{40, 30, 20min};
    snapshot.namespaces.not_watched.reset();
    EXPECT_THAT(unaccounted_sentence(snapshot),
                testing::EndsWith(
                    " ago: of other network namespaces, which cannot be seen here, or sockets that "
                    "were reset may still be open descriptors, which may not be looked at here."));
}

TEST(UnaccountedSentence, IsSaidWhereDescriptorsMayNotBeLookedAt) {
    Snapshot snapshot = quiet_report();
    snapshot.collectors.push_back({.name = "processes", .allowed = false});
    snapshot.unaccounted = Unaccounted{40, 30, 20min};
    snapshot.namespaces.not_watched = 0;
    EXPECT_EQ(
        unaccounted_sentence(snapshot),
        "The kernel has 40 TCP sockets that are in no table here (alloc without inuse), 30 "
        "more than 20m00s ago: sockets that were reset may still be open descriptors, which may "
        "not be looked at here.");
    snapshot.namespaces.not_watched = 1;
    EXPECT_EQ(unaccounted_sentence(snapshot), "") << "they may be that namespace's";
    snapshot.namespaces.not_watched = 0;
    snapshot.unaccounted->growth = 9;
    EXPECT_EQ(unaccounted_sentence(snapshot), "");
    snapshot.unaccounted->growth = 30;
    snapshot.collectors.back().allowed = true;
    EXPECT_EQ(unaccounted_sentence(snapshot), "") << "what is dead is known, then";
}

}  // namespace
}  // namespace halfclosed::exporters
