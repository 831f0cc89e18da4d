#include "observer/owner_descriptors.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "sockets.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

constexpr Instant kRead{1000s};

exporters::Snapshot leak_of(const std::string& owner, const std::vector<pid_t>& pids) {
    exporters::Snapshot snapshot;
    snapshot.instant = kRead;
    snapshot.sockets = {leaked_socket(Cookie{1}, kRead - 2min)};
    snapshot.owners[Cookie{1}].name = owner;
    for (const pid_t pid : pids) {
        snapshot.owners[Cookie{1}].processes.push_back({pid, "shop", 7});
    }
    return snapshot;
}

TEST(OwnerDescriptors, AreThoseOfTheProcessThatLeaks) {
    exporters::Snapshot snapshot = leak_of("shop.service", {getpid()});
    OwnerDescriptors(5s).fill(snapshot);
    ASSERT_TRUE(snapshot.descriptors.contains("shop.service"));
    EXPECT_EQ(snapshot.descriptors.at("shop.service").pid, getpid());
    EXPECT_GE(snapshot.descriptors.at("shop.service").used, 3U);
}

TEST(OwnerDescriptors, OfSeveralProcessesTheOneNearestToItsLimitCounts) {
    int go[2];
    ASSERT_EQ(pipe(go), 0);
    const pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 50; ++i) {
            dup(go[0]);
        }
        const char ready = 'r';
        [[maybe_unused]] const auto written = write(go[1], &ready, 1);
        pause();
    }
    char ready = 0;
    ASSERT_EQ(read(go[0], &ready, 1), 1);
    exporters::Snapshot snapshot = leak_of("shop.service", {getpid(), child});
    OwnerDescriptors(5s).fill(snapshot);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(go[0]);
    close(go[1]);
    EXPECT_EQ(snapshot.descriptors.at("shop.service").pid, child);
}

TEST(OwnerDescriptors, WhatIsNoLeakIsNotLookedAt) {
    exporters::Snapshot snapshot = leak_of("shop.service", {getpid()});
    snapshot.sockets[0].since = kRead - 2s;
    OwnerDescriptors(5s).fill(snapshot);
    EXPECT_TRUE(snapshot.descriptors.empty());
}

TEST(OwnerDescriptors, ADeadSocketIsALeak) {
    exporters::Snapshot snapshot = leak_of("shop.service", {getpid()});
    snapshot.dead = {{snapshot.sockets[0], kRead - 1s}};
    snapshot.sockets.clear();
    OwnerDescriptors(5s).fill(snapshot);
    EXPECT_TRUE(snapshot.descriptors.contains("shop.service"));
}

TEST(OwnerDescriptors, BetweenTwoLooksTheLastOneStands) {
    OwnerDescriptors descriptors(5s);
    exporters::Snapshot snapshot = leak_of("shop.service", {getpid()});
    descriptors.fill(snapshot);
    exporters::Snapshot next = leak_of("other.service", {getpid()});
    next.instant += 4s;
    descriptors.fill(next);
    EXPECT_TRUE(next.descriptors.contains("shop.service"));
    next.instant += 1s;
    next.sockets[0].since += 5s;
    descriptors.fill(next);
    EXPECT_FALSE(next.descriptors.contains("shop.service"));
    EXPECT_TRUE(next.descriptors.contains("other.service"));
}

TEST(OwnerDescriptors, AProcessThatEndedHasNone) {
    exporters::Snapshot snapshot = leak_of("shop.service", {std::numeric_limits<pid_t>::max()});
    OwnerDescriptors(5s).fill(snapshot);
    EXPECT_TRUE(snapshot.descriptors.empty());
}

}  // namespace
}  // namespace halfclosed
