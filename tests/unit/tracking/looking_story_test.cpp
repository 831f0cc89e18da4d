// What a look can and cannot say: the first one, one that misses a socket, one that comes late.

#include <gtest/gtest.h>

#include <algorithm>

#include "story.h"

namespace halfclosed::tracking {

using enum TcpState;

TEST(LookingStory, TheFirstLookAdoptsInSilence) {
    Story story;
    story.look(0s, {held(kServer, close_wait), orphaned(kClient, last_ack),
                    minisock(again(kServer, 3), fin_wait2, 20s)});
    story.does_not_know_since_when({1});
    story.has({"server#1 close_wait process not_closed 0s at_least",
               "client#2 last_ack orphan 0s at_least", "server#3 fin_wait2 timewait 0s at_least"});
}

TEST(LookingStory, WhatIsNotKnownIsNotHeldForAKnownTime) {
    Story story;
    story.look(0s, {held(kServer, close_wait), orphaned(kClient, last_ack)});
    story.look(1s, {orphaned(kServer, last_ack)})
        .brings({"server#1 close_wait -> last_ack seen", "server#1 close_wait ended closed"});
    story.answer(1s, {gone(kClient)}).brings({"client#2 last_ack -> close seen"});
}

TEST(LookingStory, AnOldSocketIsDatedOnce) {
    Story story;
    story.look(0s, {held(kServer, close_wait), held(again(kServer, 3), close_wait)});
    story.does_not_know_since_when({1, 3});
    story.date(1, {5s, Age::Kind::estimated}, 0s).date(3, {2s, Age::Kind::at_least}, 0s);
    story.does_not_know_since_when({});
    story.look(1s, {held(kServer, close_wait), held(again(kServer, 3), close_wait)});
    story.has({"server#1 close_wait process not_closed 6s estimated",
               "server#3 close_wait process not_closed 3s at_least"});
    story.look(2s, {orphaned(kServer, last_ack), orphaned(again(kServer, 3), last_ack)})
        .brings({"server#1 close_wait -> last_ack seen held 7s",
                 "server#1 close_wait ended closed after 7s",
                 "server#3 close_wait -> last_ack seen", "server#3 close_wait ended closed"});
}

// A keepalive probe that was answered a moment ago says 100 ms, and we have watched for four seconds.
TEST(LookingStory, ADateDoesNotMakeASocketYoungerThanWeKnowItToBe) {
    Story story;
    story.look(0s, {held(kServer, close_wait)});
    story.look(1s, {held(kServer, close_wait)});
    story.look(4s, {held(kServer, close_wait)});
    story.date(1, {100ms, Age::Kind::at_least}, 4s);
    story.has({"server#1 close_wait process not_closed 4s at_least"});
}

TEST(LookingStory, ADateForASocketThatWeDoNotFollowIsIgnored) {
    Story story;
    story.look(0s, {});
    story.date(99, {5s, Age::Kind::estimated}, 0s);
    story.has({}).misses({});
}

TEST(LookingStory, ASocketThatADumpHasTwiceIsOne) {
    Story story;
    story.look(0s, {});
    story
        .look(1s,
              {held(kServer, close_wait), held(kClient, established), held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"})
        .has({"server#1 close_wait process not_closed 0s observed"});
}

// The dump walks for a while: the same socket may come twice, the second time a state further.
TEST(LookingStory, ASocketThatADumpHasInTwoStatesWentFromOneToTheOther) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait), orphaned(kServer, last_ack)})
        .brings({"server#1 established -> close_wait implied",
                 "server#1 close_wait -> last_ack seen held 0s",
                 "server#1 close_wait ended closed after 0s"})
        .has({"server#1 last_ack orphan 0s observed"});
}

TEST(LookingStory, MissingIsNotGone) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"});
    story.look(2s, {}).misses({1});
    story.has({});  // neither counted nor ended while nobody knows
    story.answer(2s, {alive(with_unread(held(kServer, close_wait), 1))});
    story.misses({}).has({"server#1 close_wait process unread 1s observed"});
    story.look(3s, {held(kServer, close_wait)}).misses({});
}

TEST(LookingStory, WhatNobodyAskedForHasEndedWithTheNextLook) {
    Story story;
    const End other = again(kServer, 3);
    const End third = again(kServer, 5);
    story.look(0s, {});
    story
        .look(1s,
              {held(kServer, close_wait), held(other, close_wait), minisock(third, fin_wait2, 60s)})
        .brings({"server#1 established -> close_wait implied",
                 "server#3 established -> close_wait implied",
                 "server#5 established -> fin_wait1 implied",
                 "server#5 fin_wait1 -> fin_wait2 implied"});
    story.look(2s, {}).misses({1, 3, 5});
    story.answer(2s, {gone(kServer)}).brings({"server#1 close_wait ended unknown after 1s"});
    story.misses({3, 5});
    story.look(3s, {})
        .brings({"server#3 close_wait ended unknown after 1s",
                 "server#5 fin_wait2 ended unknown after 1s"})
        .misses({});
}

TEST(LookingStory, WhatIsThereAgainWasNeverGone) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"});
    story.look(2s, {}).misses({1});
    story.look(3s, {held(kServer, close_wait)}).misses({});
    story.look(4s, {}).misses({1});
    story.look(5s, {held(kServer, close_wait)})
        .has({"server#1 close_wait process not_closed 4s observed"});
}

namespace {

SocketRecord one_of_a_burst(std::uint64_t number) {
    return held({Cookie{1'000 + number},
                 ipv4(1, 9999),
                 {{Family::ipv4, {10, 0, 0, 1}}, static_cast<std::uint16_t>(1 + number)}},
                close_wait);
}

}  // namespace

// Whatever comes and goes: the next look begins anew, and the end of a leak is asked for first.
TEST(LookingStory, ABurstIsForgottenWithinTwoLooks) {
    constexpr std::size_t kBurst = 9'000;
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    const Instant start{1h};
    tracker.observe({}, start);
    tracker.observe(std::vector{held(kServer, close_wait)}, start + 1s);
    for (int round = 1; round <= 3; ++round) {
        std::vector<SocketRecord> burst;
        for (std::uint64_t i = 0; i < kBurst; ++i) {
            burst.push_back(one_of_a_burst(static_cast<std::uint64_t>(round) * kBurst + i));
        }
        tracker.observe(burst, start + round * 10s);
        tracker.observe({}, start + round * 10s + 1s);
        EXPECT_EQ(tracker.missing().size(), kBurst);
        EXPECT_EQ(tracker.missing(10).size(), 10U);
        const Changes changes = tracker.observe({}, start + round * 10s + 2s);
        EXPECT_EQ(changes.unconfirmed, kBurst);
        EXPECT_EQ(changes.ends.size(), kBurst);
        EXPECT_TRUE(tracker.missing().empty());
    }
    EXPECT_LE(tracker.descriptors_to_check().size(), DeadSockets::kMostCandidates);
}

TEST(LookingStory, OfTooManyTheOldestAreAskedForFirst) {
    Tracker tracker(WatchedPorts({{9999, 9999}}));
    const Instant start{1h};
    tracker.observe(std::vector{minisock(kClient, time_wait, 500ms), held(kServer, close_wait)},
                    start);
    std::vector<SocketRecord> burst{held(kServer, close_wait)};
    for (std::uint64_t i = 0; i < 100; ++i) {
        burst.push_back(one_of_a_burst(i));
    }
    tracker.observe(burst, start + 1s);
    tracker.observe({}, start + 2s);
    const std::vector<SocketIdentity> asked = tracker.missing(1);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].cookie, kServer.cookie);
    const std::vector<SocketIdentity> all_but_one = tracker.missing(101);
    EXPECT_TRUE(std::none_of(all_but_one.begin(), all_but_one.end(),
                             [](const auto& socket) { return socket.cookie == kClient.cookie; }));
}

TEST(LookingStory, AnAnswerAboutASocketThatTheDumpHadChangesNothing) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"});
    story.answer(1s, {gone(kServer), gone(again(kServer, 99))});
    story.has({"server#1 close_wait process not_closed 0s observed"});
}

// The kernel tests the state before it fills the message.
TEST(LookingStory, AStateOutsideTheMaskIsNoHalfClosedSocket) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, TcpState::close), held(kClient, syn_sent),
                    held(again(kServer, 3), listen), request_socket(again(kServer, 4)),
                    held(again(kServer, 5), TcpState{14})});
    story.has({}).misses({});
}

TEST(LookingStory, ASocketThatIsReportedInCloseIsAskedForAndIsGone) {
    Story story;
    story.look(0s, {});
    story.look(1s, {orphaned(kServer, last_ack)})
        .brings({"server#1 established -> close_wait implied",
                 "server#1 close_wait -> last_ack implied"});
    story.look(2s, {orphaned(kServer, TcpState::close)}).misses({1});
    story.answer(2s, {alive(orphaned(kServer, TcpState::close))})
        .brings({"server#1 last_ack -> close seen held 1s"});
    story.misses({});
}

TEST(LookingStory, OtherPortsAreNotOurs) {
    Story story;
    const End stranger{Cookie{3}, ipv4(1, 80), ipv4(1, 50000)};
    story.look(0s, {});
    story.look(1s, {held(stranger, close_wait)});
    story.has({});
}

TEST(LookingStory, TheNextConnectionOfTheSameAddressesIsAnother) {
    Story story;
    const End next = again(kServer, 7);
    story.look(0s, {});
    story.look(1s, {orphaned(kServer, last_ack)})
        .brings({"server#1 established -> close_wait implied",
                 "server#1 close_wait -> last_ack implied"});
    story.look(2s, {held(next, close_wait)})
        .brings({"server#7 established -> close_wait implied"})
        .misses({1});
    story.answer(2s, {gone(kServer)})
        .brings({"server#1 last_ack -> close seen held 1s"})
        .has({"server#7 close_wait process not_closed 0s observed"});
}

TEST(LookingStory, EstablishedSocketsAreRememberedFromACensus) {
    Story story;
    story.look(0s, {});
    story.established({1});
    story.look(1s, {held(kServer, close_wait), held(kClient, close_wait)})
        .brings({"server#1 established -> close_wait seen",
                 "client#2 established -> close_wait implied"});
    story.established({});
    story
        .look(2s, {held(kServer, close_wait), held(kClient, close_wait),
                   held(again(kServer, 3), close_wait)})
        .brings({"server#3 established -> close_wait implied"});
}

TEST(LookingStory, TheMinisockKeepsWhoOwnedTheSocket) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, fin_wait2)})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#1 fin_wait1 -> fin_wait2 implied"});
    story.look(2s, {minisock(kServer, fin_wait2, 59'900ms)});
    story.has({"server#1 fin_wait2 timewait 1s observed"});
    const TrackedSocket socket = story.socket(1);
    EXPECT_EQ(socket.record.uid, 1000u);
    EXPECT_EQ(socket.record.inode, 77u);
    EXPECT_EQ(socket.record.cgroup_id, 4242u);
    EXPECT_EQ(socket.record.timer.kind, Timer::Kind::timewait);
}

TEST(LookingStory, AMinisockThatWasNeverSeenFullHasNoOwner) {
    Story story;
    story.look(0s, {minisock(kServer, fin_wait2, 59'900ms)});
    EXPECT_EQ(story.socket(1).record.uid, 0u);
    EXPECT_EQ(story.socket(1).record.cgroup_id, std::nullopt);
}

// Stopped for a minute: what is new may be as old as the pause.
TEST(LookingStory, AfterALongPauseTheAgeOfWhatIsNewIsNotKnown) {
    Story story;
    story.look(0s, {});
    story.look(60s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"})
        .has({"server#1 close_wait process not_closed 0s at_least 60s at most"})
        .does_not_know_since_when({1});
}

// A pause is the time between two polls, however long the kernel was asked about the first one's missing sockets.
TEST(LookingStory, AnswersDoNotShortenAPause) {
    Story story;
    story.look(0s, {orphaned(kClient, last_ack)});
    story.look(1s, {});
    story.answer(3s, {gone(kClient)}).brings({"client#2 last_ack -> close seen"});
    story.look(5s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"})
        .has({"server#1 close_wait process not_closed 0s at_least 4s at most"});
}

TEST(LookingStory, AfterALongPauseTheAgeInANewStateIsNotKnown) {
    Story story;
    story.look(0s, {});
    story.look(1s, {held(kServer, close_wait)})
        .brings({"server#1 established -> close_wait implied"});
    story.look(61s, {orphaned(kServer, last_ack)})
        .brings({"server#1 close_wait -> last_ack seen held 60s",
                 "server#1 close_wait ended closed after 60s"})
        .has({"server#1 last_ack orphan 0s at_least 60s at most"});
}

// What is gone of tcp_fin_timeout would date it, were it known that it was made with that.
TEST(LookingStory, AfterALongPauseTheAgeOfAMinisockIsBetweenTheLooks) {
    Story story;
    story.look(0s, {});
    story.look(1s, {orphaned(kServer, fin_wait1)})
        .brings({"server#1 established -> fin_wait1 implied"});
    story.look(31s, {minisock(kServer, fin_wait2, 40s), minisock(kClient, fin_wait2, 35s)})
        .brings({"server#1 fin_wait1 -> fin_wait2 seen held 30s",
                 "client#2 established -> fin_wait1 implied",
                 "client#2 fin_wait1 -> fin_wait2 implied"})
        .has({"server#1 fin_wait2 timewait 0s at_least 30s at most",
              "client#2 fin_wait2 timewait 0s at_least 30s at most"});
}

TEST(LookingStory, AMinisockIsNotOlderThanTheLookThatDidNotHaveIt) {
    Story story;
    story.look(0s, {});
    story.look(1s, {});
    // TCP_LINGER2 may have made its timeout shorter than tcp_fin_timeout.
    story.look(2s, {minisock(kServer, fin_wait2, 1s)})
        .brings({"server#1 established -> fin_wait1 implied",
                 "server#1 fin_wait1 -> fin_wait2 implied"})
        .has({"server#1 fin_wait2 timewait 1s observed"});
}

// A hundred thousand changes are not held at once; what is told in parts is what would have been returned.
TEST(LookingStory, MuchIsToldInParts) {
    const auto few = [] {
        const auto bounds = std::make_shared<TrackerBounds>();
        bounds->detail.set(10);
        return bounds;
    };
    std::vector<SocketRecord> half_closed;
    for (std::uint64_t number = 1; number <= 20'000; ++number) {
        half_closed.push_back(held(kClient, TcpState::close_wait));
        half_closed.back().cookie = Cookie{number};
    }
    const std::vector<std::vector<SocketRecord>> looks = {{}, half_closed, {}, {}, {}};
    Tracker whole(WatchedPorts({{9999, 9999}}), few());
    Tracker parted(WatchedPorts({{9999, 9999}}), few());
    Changes expected;
    Changes told;
    std::size_t largest = 0;
    const auto add = [](Changes& sum, const Changes& some) {
        sum.transitions.insert(sum.transitions.end(), some.transitions.begin(),
                               some.transitions.end());
        sum.ends.insert(sum.ends.end(), some.ends.begin(), some.ends.end());
        sum.unconfirmed += some.unconfirmed;
    };
    const auto take = [&](const Changes& some) {
        largest = std::max(largest, some.transitions.size() + some.ends.size());
        add(told, some);
    };
    Instant now{1s};
    for (const auto& look : looks) {
        now += 1s;
        add(expected, whole.observe(look, now));
        take(parted.observe(look, now, take));
    }
    EXPECT_EQ(told, expected);
    EXPECT_GE(expected.transitions.size(), 20'000U);
    EXPECT_LT(largest, 10'000U);
}

}  // namespace halfclosed::tracking
