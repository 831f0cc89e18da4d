#include "exporters/snapshot/owner_leaks.h"

#include <gtest/gtest.h>

#include "exporters/sample_snapshot.h"
#include "exporters/snapshot/owner_growth.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using tracking::Age;
using tracking::Cause;

/// `count` leaks, the youngest just over a minute old and each `apart` older than the one before.
void add_leaks(Snapshot& snapshot, const std::string& owner, unsigned count,
               std::chrono::nanoseconds apart = 1s, Age::Kind dated = Age::Kind::observed) {
    const unsigned first = static_cast<unsigned>(snapshot.sockets.size()) + 100;
    for (unsigned i = 0; i < count; ++i) {
        const Cookie cookie{first + i};
        add_socket(
            snapshot,
            {.cookie = cookie, .cause = Cause::not_closed, .age = 61s + i * apart, .dated = dated});
        snapshot.owners[cookie].name = owner;
    }
}

TEST(OwnerLeaks, SayWhoHowManySinceWhenWhyHowFastAndForHowLong) {
    const std::vector<OwnerLeaks> owners = owner_leaks(crowded_report());
    ASSERT_EQ(owners.size(), 2U);
    EXPECT_EQ(leak_sentence(owners[0]),
              "shop.service leaks 1800 sockets (1800 not_closed), the oldest 1h00m, +1800 an hour; "
              "process 812 uses 1800 of 2048 descriptors: none left in 8m16s.");
    EXPECT_EQ(
        leak_sentence(owners[1]),
        "docker:3f4e5d6c7b8a/nginx.service leaks 100 sockets (100 unread), the oldest 1m10s.");
    EXPECT_EQ(runbook_section(owners[0]), "descriptorsrunningout");
    EXPECT_EQ(runbook_section(owners[1]), "closewaitleak");
}

TEST(OwnerLeaks, WhatADaemonRemembersGoesBeforeTheAges) {
    Snapshot snapshot = crowded_report();
    snapshot.growth["shop.service"] = {240, 496};
    const OwnerLeaks shop = owner_leaks(snapshot).front();
    EXPECT_EQ(shop.growth_per_hour, 240);
    EXPECT_EQ(shop.time_left, 30min);
    snapshot.growth["shop.service"] = {-3, -3};
    EXPECT_EQ(owner_leaks(snapshot).front().time_left, std::nullopt);
}

TEST(OwnerLeaks, WhoRunsOutSoonestComesFirst) {
    Snapshot snapshot = quiet_report();
    add_leaks(snapshot, "many.service", 200, 1min);
    add_leaks(snapshot, "few.service", 20, 1min);
    EXPECT_EQ(owner_leaks(snapshot).front().owner, "many.service");
    snapshot.descriptors["few.service"] = {7, 120, 128};
    EXPECT_EQ(owner_leaks(snapshot).front().owner, "few.service");
}

TEST(OwnerLeaks, DeadSocketsAreLeaksToo) {
    Snapshot snapshot = busy_report();
    tracking::DeadSocket dead{snapshot.sockets.front(), kNow - 30s};
    dead.socket.record.state = TcpState::close;
    snapshot.sockets.erase(snapshot.sockets.begin());
    snapshot.dead = {dead};
    const OwnerLeaks leaks = owner_leaks(snapshot).front();
    EXPECT_TRUE(has_leaks(snapshot));
    EXPECT_EQ(leak_sentence(leaks),
              "leaky.service leaks 1 socket (1 dead), the oldest 30s; process 812 uses 116 of 128 "
              "descriptors.");
    EXPECT_EQ(runbook_section(leaks), "descriptorsrunningout");
    snapshot.descriptors.clear();
    EXPECT_EQ(runbook_section(owner_leaks(snapshot).front()), "deadsockets");
    EXPECT_FALSE(has_leaks(quiet_report()));
}

TEST(OwnerLeaks, WhoHasNoUnitIsCalledByItsProcess) {
    Snapshot snapshot = quiet_report();
    add_leaks(snapshot, kUnknownOwner, 5);
    const auto sentence = [&snapshot](bool with_pid = true) {
        const std::string text = leak_sentence(owner_leaks(snapshot).front(), with_pid);
        return text.substr(0, text.find(" socket"));
    };
    EXPECT_EQ(sentence(), "An unknown owner leaks 5");
    for (auto& [cookie, owner] : snapshot.owners) {
        owner.processes = {{812, "shop\n", 7}};
    }
    EXPECT_EQ(sentence(), "Process 812 (shop\xEF\xBF\xBD) leaks 5");
    EXPECT_EQ(sentence(false), "A process without a unit leaks 5");
    snapshot.owners.begin()->second.processes = {{7, "worker", 3}, {812, "shop", 7}};
    EXPECT_EQ(sentence(), "Process 812 (shop\xEF\xBF\xBD) and 1 other leak 5");
    EXPECT_EQ(sentence(false), "2 processes without a unit leak 5");
    snapshot.owners.rbegin()->second.processes.clear();
    EXPECT_EQ(sentence(), "An unknown owner leaks 5") << "nobody knows who has one of them";
}

TEST(LeakGrowth, IsNotTakenFromABurst) {
    const std::vector<Age> burst(4, Age{62s, Age::Kind::observed});
    EXPECT_EQ(leak_growth(burst, 60s), std::nullopt);
    EXPECT_EQ(leak_growth({}, 60s), std::nullopt);
    const std::vector<Age> large(1'800, Age{3min, Age::Kind::observed});
    EXPECT_EQ(leak_growth(large, 60s), 0) << "1800 at once, and none since then";
    std::vector<Age> more = large;
    for (unsigned i = 0; i < 30; ++i) {
        more.push_back({61s + i * 3s, Age::Kind::observed});  // one each three seconds for 90 s
    }
    EXPECT_NEAR(*leak_growth(more, 60s), 1'200, 1);
    std::vector<Age> now(5, Age{31min, Age::Kind::observed});
    now.insert(now.end(), 95, Age{62s, Age::Kind::observed});
    EXPECT_DOUBLE_EQ(*leak_growth(now, 60s), 200) << "it may go on";
}

TEST(LeakGrowth, CountsTheLastHourAlone) {
    std::vector<Age> ages(50, Age{5h, Age::Kind::observed});
    EXPECT_EQ(leak_growth(ages, 60s), 0);
    for (unsigned i = 1; i <= 59; ++i) {
        ages.push_back({i * 1min, Age::Kind::observed});
    }
    EXPECT_DOUBLE_EQ(*leak_growth(ages, 60s), 60);
}

TEST(LeakGrowth, ALowerBoundIsNoAgeOfTheLastHour) {
    const std::vector<Age> ages(50, Age{2min, Age::Kind::at_least});
    EXPECT_EQ(leak_growth(ages, 60s), std::nullopt);
    std::vector<Age> between;
    for (unsigned i = 0; i < 60; ++i) {
        between.push_back({1min, Age::Kind::at_least, 31min - i * 30s});
    }
    EXPECT_DOUBLE_EQ(*leak_growth(between, 60s), 120);
}

TEST(TimeLeft, IsTheFreeDescriptorsAtThisPace) {
    EXPECT_EQ(time_left({1, 116, 128}, 24), 30min);
    EXPECT_EQ(time_left({1, 128, 128}, 0), 0s) << "none left, whatever the pace";
    EXPECT_EQ(time_left({1, 200, 128}, -4), 0s) << "the limit was lowered";
    EXPECT_EQ(time_left({1, 116, 128}, 0), std::nullopt);
    EXPECT_EQ(time_left({1, 1000, 1'048'576}, 1), std::nullopt) << "beyond a month";
}

TEST(PerHourText, HasDecimalsWhereTheyMatter) {
    EXPECT_EQ(per_hour_text(820.4), "+820");
    EXPECT_EQ(per_hour_text(0), "+0");
    EXPECT_EQ(per_hour_text(0.52), "+0.5");
    EXPECT_EQ(per_hour_text(-0.52), "-0.5");
    EXPECT_EQ(per_hour_text(-4), "-4");
    EXPECT_EQ(per_hour_text(3.96), "+4");
    EXPECT_EQ(per_hour_text(-0.01), "+0");
}

/// A leak of one a minute, looked at each minute.
TEST(OwnerGrowthMemory, TellsThePaceOfLeaksAndDescriptors) {
    OwnerGrowthMemory memory;
    EXPECT_TRUE(memory.growth().empty());
    for (unsigned minute = 0; minute < 90; ++minute) {
        Snapshot snapshot = quiet_report();
        snapshot.instant = kNow + minute * 1min;
        add_leaks(snapshot, "shop.service", 5 + minute);
        snapshot.descriptors["shop.service"] = {812, 20U + 2 * minute, 1024};
        memory.observe(snapshot);
        if (minute == 0) {
            EXPECT_TRUE(memory.growth().empty()) << "a pace needs two looks";
        }
    }
    const OwnerGrowth growth = memory.growth().at("shop.service");
    EXPECT_DOUBLE_EQ(*growth.sockets_per_hour, 60);
    EXPECT_DOUBLE_EQ(*growth.descriptors_per_hour, 120);
}

TEST(OwnerGrowthMemory, IsOfTheLastHour) {
    OwnerGrowthMemory memory;
    for (unsigned minute = 0; minute <= 180; ++minute) {
        Snapshot snapshot = quiet_report();
        snapshot.instant = kNow + minute * 1min;
        add_leaks(snapshot, "shop.service", minute < 60 ? 5 + minute : 65);
        memory.observe(snapshot);
    }
    EXPECT_EQ(memory.growth().at("shop.service").sockets_per_hour, 0);
}

TEST(OwnerGrowthMemory, LooksEachSecondAreNotKeptEach) {
    OwnerGrowthMemory memory;
    for (unsigned second = 0; second <= 120; ++second) {
        Snapshot snapshot = quiet_report();
        snapshot.instant = kNow + second * 1s;
        add_leaks(snapshot, "shop.service", 1 + second / 60);
        memory.observe(snapshot);
    }
    EXPECT_DOUBLE_EQ(*memory.growth().at("shop.service").sockets_per_hour, 60);
}

TEST(OwnerGrowthMemory, AnotherProcessHasAnotherPast) {
    OwnerGrowthMemory memory;
    for (unsigned minute = 0; minute < 4; ++minute) {
        Snapshot snapshot = quiet_report();
        snapshot.instant = kNow + minute * 1min;
        add_leaks(snapshot, "shop.service", 5);
        snapshot.descriptors["shop.service"] = {minute < 3 ? 812 : 813, 20, 1024};
        memory.observe(snapshot);
    }
    EXPECT_EQ(memory.growth().at("shop.service").descriptors_per_hour, std::nullopt);
}

TEST(OwnerGrowthMemory, ForgetsAnOwnerAnHourAfterItsLastLeak) {
    OwnerGrowthMemory memory;
    for (unsigned minute = 0; minute < 65; ++minute) {
        Snapshot snapshot = quiet_report();
        snapshot.instant = kNow + minute * 1min;
        add_leaks(snapshot, "shop.service", minute < 2 ? 5 : 0);
        memory.observe(snapshot);
        EXPECT_EQ(memory.growth().contains("shop.service"), minute > 0 && minute <= 61) << minute;
    }
}

}  // namespace
}  // namespace halfclosed::exporters
