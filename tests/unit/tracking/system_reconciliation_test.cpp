#include "tracking/system_reconciliation.h"

#include <gtest/gtest.h>

namespace halfclosed::tracking {
namespace {

SystemReconciler::Part part(std::uint64_t inuse, std::uint64_t orphans, Churn churn = {}) {
    SystemReconciler::Part result;
    result.reconciliation[Count::inuse] = {inuse, inuse, 0, true, true};
    result.reconciliation[Count::orphan].counted = orphans;
    result.churn = churn;
    return result;
}

TEST(CountsOfAllNamespaces, AreSumsThatAgreeWhereEachAgrees) {
    SystemReconciler system;
    system.begin_round(0);
    std::vector parts{part(3, 0), part(4, 0)};
    EXPECT_EQ(system.judge(parts, true)[Count::inuse], (Reconciled{7, 7, 0, true, true}));
    parts[1].reconciliation[Count::inuse] = {4, 9, 0, false, true};
    EXPECT_EQ(system.judge(parts, true)[Count::inuse], (Reconciled{7, 12, 0, false, true}));
    parts[1].reconciliation[Count::inuse].agrees = false;
    EXPECT_FALSE(system.judge(parts, true)[Count::inuse].agrees);
}

TEST(Orphans, AreAnEqualityOverTheWholeSystem) {
    SystemReconciler system;
    const std::vector parts{part(3, 2), part(4, 3)};
    system.begin_round(5);
    EXPECT_EQ(system.judge(parts, true)[Count::orphan], (Reconciled{5, 5, 0, true, true}));
    for (const unsigned round : {1U, 2U, 3U}) {
        system.begin_round(6);
        const Reconciled orphan = system.judge(parts, true)[Count::orphan];
        EXPECT_FALSE(orphan.within) << "one that nobody counted";
        EXPECT_EQ(orphan.elsewhere, 0U);
        EXPECT_EQ(orphan.agrees, round < Reconciler::kStrikes);
    }
    system.begin_round(5);
    EXPECT_TRUE(system.judge(parts, true)[Count::orphan].agrees);
}

TEST(Orphans, AreALowerBoundWhereANamespaceIsNotSeen) {
    SystemReconciler system;
    const std::vector parts{part(3, 2), part(4, 3)};
    system.begin_round(9);
    EXPECT_EQ(system.judge(parts, false)[Count::orphan], (Reconciled{5, 9, 4, true, true}));
    system.begin_round(4);
    EXPECT_FALSE(system.judge(parts, false)[Count::orphan].within) << "more than the kernel has";
}

TEST(Orphans, MayComeAndGoWhileNamespacesAreCounted) {
    SystemReconciler system;
    system.begin_round(9);
    system.read_orphans(5);
    EXPECT_TRUE(system.judge(std::vector{part(3, 7)}, true)[Count::orphan].within);
    system.begin_round(5);
    EXPECT_FALSE(system.judge(std::vector{part(3, 7)}, true)[Count::orphan].within);
    EXPECT_TRUE(system.judge(std::vector{part(3, 7, {1, 1})}, true)[Count::orphan].within)
        << "a connection was closed meanwhile";
}

}  // namespace
}  // namespace halfclosed::tracking
