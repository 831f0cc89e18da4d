#include "exporters/snapshot/leaks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "exporters/sample_snapshot.h"
#include "exporters/snapshot/named_owners.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using tracking::Cause;
using tracking::Side;

std::uint64_t count_of(const std::vector<LeakCount>& leaks, const std::string& owner) {
    std::uint64_t count = 0;
    for (const LeakCount& leak : leaks) {
        count += leak.owner == owner ? leak.sockets : 0;
    }
    return count;
}

std::uint64_t total(const std::vector<LeakCount>& leaks) {
    std::uint64_t count = 0;
    for (const LeakCount& leak : leaks) {
        count += leak.sockets;
    }
    return count;
}

Cookie add_leak(Snapshot& snapshot, const std::string& unit) {
    const Cookie cookie{snapshot.sockets.size() + 1};
    add_socket(snapshot, {.cookie = cookie, .cause = Cause::not_closed, .age = 2h});
    snapshot.owners[cookie].name = unit;
    return cookie;
}

TEST(Leaks, BeginAfterTheThreshold) {
    Snapshot snapshot = quiet_report();
    snapshot.leak_after = 60s;
    add_socket(snapshot, {.cookie = Cookie{1}, .cause = Cause::not_closed, .age = 60s});
    EXPECT_EQ(total(leak_counts(snapshot)), 0U);
    add_socket(snapshot, {.cookie = Cookie{2}, .cause = Cause::not_closed, .age = 60s + 1ns});
    EXPECT_EQ(total(leak_counts(snapshot)), 1U);
    snapshot.leak_after = 5s;
    EXPECT_EQ(total(leak_counts(snapshot)), 2U);
}

TEST(LeakMemory, AMendedOwnersSeriesStaysAtZeroForAnHour) {
    LeakMemory memory;
    Snapshot snapshot = quiet_report();
    add_leak(snapshot, "shop.service");
    memory.observe(snapshot);
    const Instant leaked = snapshot.instant;
    snapshot.sockets.clear();
    const auto series = [&](Instant now) {
        snapshot.instant = now;
        snapshot.recent_leaks = memory.recent(now);
        memory.observe(snapshot);
        const std::vector<LeakCount> leaks = leak_counts(snapshot);
        return std::count_if(leaks.begin(), leaks.end(), [](const LeakCount& leak) {
            return leak.owner == "shop.service" && leak.sockets == 0;
        });
    };
    EXPECT_EQ(series(leaked + 1s), 1);
    EXPECT_EQ(series(leaked + 1h), 1);
    EXPECT_EQ(series(leaked + 1h + 1s), 0);
}

TEST(LeakMemory, AnOwnerThatMendedItsLeakTakesNoNameFromOneThatLeaks) {
    LeakMemory memory;
    Snapshot snapshot = quiet_report();
    for (int i = 0; i < 5; ++i) {
        add_leak(snapshot, "mended" + std::to_string(i) + ".service");
    }
    memory.observe(snapshot);
    snapshot.sockets.clear();
    for (std::size_t i = 0; i < kMaxLeakOwners - 1; ++i) {
        add_leak(snapshot, "leaky" + std::to_string(i) + ".service");
    }
    snapshot.recent_leaks = memory.recent(snapshot.instant);
    std::set<std::string> owners;
    for (const LeakCount& leak : leak_counts(snapshot)) {
        owners.insert(leak.owner);
    }
    owners.erase("unknown");
    EXPECT_EQ(owners.size(), kMaxLeakOwners);
    EXPECT_TRUE(owners.contains("leaky0.service") && owners.contains("leaky18.service"));
}

TEST(LeakMemory, IsBounded) {
    LeakMemory memory;
    Snapshot snapshot = quiet_report();
    for (int i = 0; i < 60; ++i) {
        snapshot.sockets.clear();
        for (int j = 0; j < 20; ++j) {
            add_leak(snapshot, "u" + std::to_string(i * 20 + j) + ".service");
        }
        snapshot.instant += 1s;
        memory.observe(snapshot);
    }
    EXPECT_EQ(memory.recent(snapshot.instant).size(), LeakMemory::kMost);
    EXPECT_EQ(memory.recent(snapshot.instant).front().owner, "u1180.service");
}

TEST(Leaks, AreOfCloseWaitAlone) {
    Snapshot snapshot = quiet_report();
    add_socket(snapshot,
               {.state = TcpState::fin_wait2, .custody = tracking::Custody::process, .age = 24h});
    EXPECT_EQ(total(leak_counts(snapshot)), 0U);
}

TEST(Leaks, ZeroIsThereForEveryPortSideAndCause) {
    const std::vector<LeakCount> leaks = leak_counts(quiet_report());
    // Two ports; the server's three causes and the client's two, which accepts nothing.
    EXPECT_EQ(leaks.size(), 2U * 5U);
    for (const LeakCount& leak : leaks) {
        EXPECT_EQ(leak.owner, "unknown");
        EXPECT_EQ(leak.sockets, 0U);
    }
}

tracking::DeadSocket dead_socket(Cookie cookie, std::chrono::nanoseconds age) {
    Snapshot scratch = quiet_report();
    tracking::DeadSocket dead;
    dead.socket = add_socket(scratch, {.cookie = cookie, .cause = Cause::not_closed, .age = age});
    dead.socket.record.state = TcpState::close;
    dead.since = kNow - age / 2;
    return dead;
}

// It has sent a moment ago, and its peer waits for more.
TEST(Leaks, AreNotWhatIsStillSending) {
    Snapshot snapshot = quiet_report();
    tracking::TrackedSocket& socket =
        add_socket(snapshot, {.cookie = Cookie{1}, .cause = Cause::sending, .age = 2h});
    socket.last_sent = kNow - 100ms;
    EXPECT_FALSE(is_leaked(socket, snapshot));
    socket.cause = Cause::not_closed;
    socket.last_sent = kNow - 60s;
    EXPECT_FALSE(is_leaked(socket, snapshot)) << "the time runs from when it last sent";
    socket.last_sent = kNow - 61s;
    EXPECT_TRUE(is_leaked(socket, snapshot));
}

TEST(Leaks, DeadSocketsAreCountedOnTheirOwn) {
    Snapshot snapshot = quiet_report();
    snapshot.dead = {dead_socket(Cookie{7}, 2h), dead_socket(Cookie{8}, 1s)};
    snapshot.owners[Cookie{7}].name = "leaky.service";
    EXPECT_EQ(total(leak_counts(snapshot)), 0U);
    const std::vector<DeadCount> dead = dead_counts(snapshot);
    EXPECT_EQ(dead.size(), 5U) << "0 for unknown on each port and side, and the owner";
    EXPECT_NE(std::find(dead.begin(), dead.end(), DeadCount{0, Side::server, "leaky.service", 1}),
              dead.end());
    EXPECT_NE(std::find(dead.begin(), dead.end(), DeadCount{0, Side::server, "unknown", 1}),
              dead.end());
}

TEST(Leaks, NameTwentyOwnersAndTheRestOther) {
    Snapshot snapshot = quiet_report();
    for (int unit = 10; unit < 50; ++unit) {
        // Units 10 to 29 leak twice, the others once.
        add_leak(snapshot, "unit" + std::to_string(unit));
        if (unit < 30) {
            add_leak(snapshot, "unit" + std::to_string(unit));
        }
    }
    add_socket(snapshot, {.cookie = Cookie{999}, .cause = Cause::not_closed, .age = 2h});
    const std::vector<LeakCount> leaks = leak_counts(snapshot);
    EXPECT_EQ(count_of(leaks, "unit10"), 2U);
    EXPECT_EQ(count_of(leaks, "unit29"), 2U);
    EXPECT_EQ(count_of(leaks, "unit30"), 0U);
    EXPECT_EQ(count_of(leaks, "other"), 20U);
    EXPECT_EQ(count_of(leaks, "unknown"), 1U);
    EXPECT_EQ(total(leaks), 61U);
}

TEST(Leaks, AThousandOfFortyUnitsStayASmallPage) {
    Snapshot snapshot = quiet_report();
    for (int i = 0; i < 1000; ++i) {
        add_leak(snapshot, "unit" + std::to_string(i % 40));
    }
    const std::vector<LeakCount> leaks = leak_counts(snapshot);
    EXPECT_LE(leaks.size(), 2U * 5U + 21U);
    EXPECT_EQ(total(leaks), 1000U);
}

// A local user makes thousands of cgroups with a leak in each: nobody who leaks more loses his name by that.
TEST(Leaks, TheWorstKeepTheirNamesAmongNineThousandOwners) {
    Snapshot snapshot = quiet_report();
    for (int i = 0; i < 9'000; ++i) {
        add_leak(snapshot, "a" + std::to_string(i) + ".scope");
    }
    for (int i = 0; i < 2; ++i) {
        add_leak(snapshot, "shop.service");
    }
    // As far as one is not kept in detail, it is the cgroup that tells.
    snapshot.cgroup_owners[4711].name = "mail.service";
    snapshot.without_detail.leaks = {
        {{0, tracking::Side::server, tracking::Cause::unread, 4711}, 3}};
    LeakMemory memory;
    for (int second = 0; second < 3; ++second, snapshot.instant += 1s) {
        snapshot.recent_leaks = memory.recent(snapshot.instant);
        memory.observe(snapshot);
        EXPECT_EQ(count_of(leak_counts(snapshot), "shop.service"), 2U);
        EXPECT_EQ(count_of(leak_counts(snapshot), "mail.service"), 3U);
        EXPECT_EQ(count_of(leak_counts(snapshot), "other"), 9'000U - (kMaxLeakOwners - 2));
    }
}

TEST(OwnerLabel, IsItsNameElseUnknown) {
    EXPECT_EQ(owner_label(nullptr), "unknown");
    Owner owner;
    EXPECT_EQ(owner_label(&owner), "unknown");
    owner.name = "nginx.service";
    EXPECT_EQ(owner_label(&owner), "nginx.service");
}

}  // namespace
}  // namespace halfclosed::exporters
