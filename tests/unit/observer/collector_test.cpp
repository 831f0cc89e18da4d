#include "observer/collector.h"

#include <gtest/gtest.h>

#include "netlink/error.h"
#include "posix/clock.h"
#include "posix/error.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

void burn(std::chrono::nanoseconds cpu) {
    const auto end = posix::thread_cpu_time() + cpu;
    while (posix::thread_cpu_time() < end) {
    }
}

TEST(Collector, AFailureIsCountedByReasonAndIsNoSuccess) {
    DumpFailures failures = no_dump_failures();
    Collector collector("closing", 1s, 0.5, failures, false);
    EXPECT_FALSE(collector.run(
        [] { throw netlink::Error(netlink::Reason::truncated, "sock_diag dump (tcp)", "cut"); }));
    EXPECT_EQ(failures["truncated"], 1U);
    EXPECT_FALSE(collector.health().success);
    EXPECT_FALSE(collector.health().last_success);
    EXPECT_EQ(collector.error(), "sock_diag dump (tcp): cut");
}

TEST(Collector, ASuccessForgetsTheErrorAndAFailureKeepsTheLastSuccess) {
    DumpFailures failures = no_dump_failures();
    Collector collector("sockstat", 1s, 0.5, failures, false);
    EXPECT_TRUE(collector.run([] {}));
    const auto last = collector.health().last_success;
    ASSERT_TRUE(last);
    EXPECT_FALSE(collector.run([] { throw posix::Error("/proc/net/sockstat", "no TCP line"); }));
    EXPECT_EQ(collector.health().last_success, last);
    EXPECT_TRUE(collector.run([] {}));
    EXPECT_TRUE(collector.error().empty());
}

TEST(Collector, EveryReasonIsThereWithZero) {
    const DumpFailures failures = no_dump_failures();
    EXPECT_EQ(failures.size(), std::size(netlink::kReasons));
    for (const auto& [reason, count] : failures) {
        EXPECT_EQ(count, 0U) << reason;
    }
}

TEST(Collector, OurOwnBugsAreNotItsBusiness) {
    DumpFailures failures = no_dump_failures();
    Collector collector("closing", 1s, 0.5, failures, false);
    EXPECT_THROW(collector.run([] { throw std::logic_error("a bug"); }), std::logic_error);
}

// 20 ms of CPU at a share of 1 % are paid for after 2 s.
TEST(Collector, WhatIsDearIsMadeLessOften) {
    DumpFailures failures = no_dump_failures();
    Collector collector("closing", 100ms, 0.01, failures, false);
    collector.run([] {});
    collector.run([] { burn(20ms); });
    EXPECT_GE(collector.interval(), 2s);
    EXPECT_EQ(collector.health().interval, collector.interval());
    for (int i = 0; i < 40; ++i) {
        collector.run([] {});
    }
    EXPECT_EQ(collector.interval(), 100ms) << "and as often as asked for when it is cheap again";
}

TEST(Collector, AColdFirstRunIsNotWhatTheNextOnesAreMeasuredBy) {
    DumpFailures failures = no_dump_failures();
    Collector collector("closing", 100ms, 0.01, failures, false);
    collector.run([] { burn(20ms); });
    EXPECT_EQ(collector.interval(), 200ms) << "at most twice as late as asked for";
    collector.run([] {});
    EXPECT_EQ(collector.interval(), 100ms);
    EXPECT_EQ(collector.health().wanted_interval, 100ms);
}

// The share is of all that a run brings about, not of the dump alone.
TEST(Collector, WhatIsMadeOfARunIsChargedToIt) {
    DumpFailures failures = no_dump_failures();
    Collector collector("closing", 100ms, 0.01, failures, false);
    for (int i = 0; i < 50; ++i) {
        collector.run([] {});
        collector.charge(15ms);
        collector.charge(5ms);
    }
    EXPECT_GE(collector.interval(), 1999ms);
    EXPECT_LT(collector.interval(), 2100ms);
}

TEST(Collector, AnotherPaceDoesNotForgetTheCost) {
    DumpFailures failures = no_dump_failures();
    Collector collector("closing", 100ms, 0.01, failures, false);
    collector.run([] {});
    collector.run([] { burn(20ms); });
    collector.set_pace(50ms, 0.02);
    EXPECT_GE(collector.interval(), 1s);
    EXPECT_LT(collector.interval(), 1500ms);
}

}  // namespace
}  // namespace halfclosed
