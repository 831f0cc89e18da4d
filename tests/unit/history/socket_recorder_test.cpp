#include "history/socket_recorder.h"

#include "history/history_folder.h"

namespace halfclosed::history {
namespace {

/// An observer that looks once a second; its time runs with the looks.
class Recording : public testing::Test {
 protected:
    void look(std::vector<tracking::TrackedSocket> sockets,
              std::vector<tracking::DeadSocket> dead = {}) {
        now_ += 1s;
        recorder_.observe({sockets, dead,
                           [this](const SocketRecord&) { return owner_ ? &*owner_ : nullptr; }, 60s,
                           at(now_)});
    }
    void move(Cookie cookie, TcpState from, TcpState to) {
        tracking::Changes changes;
        tracking::Transition transition;
        transition.socket.cookie = cookie;
        transition.edge = {from, to};
        changes.transitions.push_back(transition);
        recorder_.note(changes, at(now_ + 1s));
    }
    void end(Cookie cookie, tracking::CloseWaitEnd how) {
        tracking::Changes changes;
        tracking::StateEnd state_end;
        state_end.socket.cookie = cookie;
        state_end.state = TcpState::close_wait;
        state_end.how = how;
        changes.ends.push_back(state_end);
        recorder_.note(changes, at(now_ + 1s));
    }
    Batch take() {
        Batch batch = batch_of(now_, {});
        recorder_.take(batch);
        return batch;
    }
    tracking::TrackedSocket socket(std::uint64_t cookie, Duration since) const {
        return leaked_socket(Cookie{cookie}, Instant{since});
    }

    SocketRecorder recorder_;
    std::optional<Owner> owner_ = Owner{"shop.service", "shop.service", std::nullopt, {}};
    Duration now_ = 2000s;
};

TEST_F(Recording, WhatIsGoneWithinASecondIsNotKept) {
    look({socket(1, 2001s)});
    move(Cookie{1}, TcpState::close_wait, TcpState::last_ack);
    move(Cookie{1}, TcpState::last_ack, TcpState::close);
    end(Cookie{1}, tracking::CloseWaitEnd::closed);
    look({});
    EXPECT_TRUE(take().sockets.empty());
    EXPECT_EQ(recorder_.followed(), 0U);
}

TEST_F(Recording, ASocketIsHandedOutOnceUntilSomethingIsNew) {
    look({socket(1, 1990s)});
    EXPECT_EQ(take().sockets.size(), 1U);
    look({socket(1, 1990s)});
    EXPECT_TRUE(take().sockets.empty());
    tracking::TrackedSocket unread = socket(1, 1990s);
    unread.cause = tracking::Cause::unread;
    look({unread});
    const Batch batch = take();
    ASSERT_EQ(batch.sockets.size(), 1U);
    ASSERT_EQ(batch.sockets[0].spans.size(), 2U);
    EXPECT_EQ(batch.sockets[0].spans[1].cause, tracking::Cause::unread);
    EXPECT_EQ(batch.sockets[0].spans[1].began, at(2003s));
}

TEST_F(Recording, TheWholeStoryOfACloseIsKept) {
    look({socket(1, 1990s)});
    take();
    move(Cookie{1}, TcpState::close_wait, TcpState::last_ack);
    move(Cookie{1}, TcpState::last_ack, TcpState::close);
    end(Cookie{1}, tracking::CloseWaitEnd::closed);
    look({});
    const Batch batch = take();
    ASSERT_EQ(batch.sockets.size(), 1U);
    const RecordedSocket& story = batch.sockets[0];
    std::vector<TcpState> states;
    for (const StateSpan& span : story.spans) {
        states.push_back(span.state);
    }
    EXPECT_EQ(states, (std::vector{TcpState::close_wait, TcpState::last_ack, TcpState::close}));
    EXPECT_EQ(story.how, "closed");
    EXPECT_EQ(story.ended, at(2002s));
    EXPECT_EQ(story.owner->name, "shop.service");
    EXPECT_EQ(recorder_.handed_out(), 1U);
}

TEST_F(Recording, AProcessThatIsFoundLaterIsKeptAtOnce) {
    look({socket(1, 1990s)});
    EXPECT_EQ(take().sockets.at(0).owner->pid, 0);
    owner_->processes = {{93, "python3", 4}};
    look({socket(1, 1990s)});
    const Batch batch = take();
    ASSERT_EQ(batch.sockets.size(), 1U);
    EXPECT_EQ(batch.sockets[0].owner->pid, 93);
    look({socket(1, 1990s)});
    EXPECT_TRUE(take().sockets.empty());
}

TEST_F(Recording, ALeakIsDatedWhenItCountsAsOne) {
    look({socket(1, 1945s)});
    EXPECT_EQ(take().sockets.at(0).leaked, std::nullopt);
    for (int i = 0; i < 5; ++i) {
        look({socket(1, 1945s)});
    }
    EXPECT_EQ(take().sockets.at(0).leaked, at(2006s));
}

TEST_F(Recording, AResetSocketWhoseDescriptorIsOpenGoesOn) {
    const tracking::TrackedSocket leaked = socket(1, 1900s);
    look({leaked});
    take();
    move(Cookie{1}, TcpState::close_wait, TcpState::close);
    end(Cookie{1}, tracking::CloseWaitEnd::aborted);
    look({});
    tracking::DeadSocket dead{leaked, Instant{now_}};
    dead.socket.record.state = TcpState::close;
    look({}, {dead});
    const Batch batch = take();
    ASSERT_EQ(batch.sockets.size(), 1U);
    EXPECT_EQ(batch.sockets[0].ended, std::nullopt);
    EXPECT_TRUE(batch.sockets[0].dead());
    for (int i = 0; i < 20; ++i) {
        look({});
    }
    const Batch last = take();
    ASSERT_EQ(last.sockets.size(), 1U);
    EXPECT_TRUE(last.sockets[0].ended);
    EXPECT_EQ(last.sockets[0].how, "closed");
}

TEST_F(Recording, WhatAnEarlierRunWroteGoesOnOrIsNotObserved) {
    recorder_.resume({recorded(1, 1990s), recorded(2, 1990s)}, at(1995s));
    for (int i = 0; i < 20; ++i) {
        look({socket(1, 1990s)});
    }
    const Batch batch = take();
    ASSERT_EQ(batch.sockets.size(), 1U);
    EXPECT_EQ(batch.sockets[0].record.cookie, Cookie{2});
    EXPECT_EQ(batch.sockets[0].how, "not_observed");
    EXPECT_EQ(batch.sockets[0].ended, at(1995s)) << "when it was last observed";
    EXPECT_EQ(recorder_.followed(), 1U);
}

TEST_F(Recording, ADeadSocketThatEndedWhileNobodyLookedWasNotObserved) {
    RecordedSocket dead = recorded(1, 1900s);
    dead.add({TcpState::close, tracking::Custody::process, tracking::Cause::not_closed,
              tracking::Age::Kind::observed, at(1980s)});
    ASSERT_TRUE(dead.dead());
    recorder_.resume({dead}, at(1995s));
    for (int i = 0; i < 20; ++i) {
        look({});
    }
    const Batch batch = take();
    ASSERT_EQ(batch.sockets.size(), 1U);
    EXPECT_EQ(batch.sockets[0].how, "not_observed") << "nobody has seen its descriptor closed";
    EXPECT_EQ(batch.sockets[0].ended, at(1995s));
}

TEST_F(Recording, WhatAnEarlierRunWroteMayBeWhereTheFirstLooksHaveNotBeen) {
    recorder_.resume({recorded(1, 1990s)}, at(1995s));
    look({});  // of one network namespace; a round through all of them takes several looks
    look({});
    look({socket(1, 1990s)});
    EXPECT_TRUE(take().sockets.empty()) << "nothing of it is new";
    EXPECT_EQ(recorder_.followed(), 1U);
}

TEST_F(Recording, AfterALossWhatIsThereIsWrittenAgain) {
    look({socket(1, 1990s)});
    take();
    recorder_.write_again();
    EXPECT_EQ(take().sockets.size(), 1U);
}

TEST_F(Recording, TheBoundsHoldLeaksComeFirstAndWhatIsLeftOutIsCounted) {
    recorder_ = SocketRecorder({.followed = 1'000, .batch = 100});
    for (std::uint64_t round = 0; round < 10; ++round) {
        std::vector<tracking::TrackedSocket> sockets;
        for (std::uint64_t i = 0; i < 900; ++i) {
            sockets.push_back(socket(10'000 * (round + 1) + i, now_ - 2s));
        }
        sockets.push_back(socket(1, 1000s));
        look(sockets);
        EXPECT_LE(recorder_.followed(), 1'000U);
    }
    const Batch batch = take();
    EXPECT_LE(batch.sockets.size(), 100U);
    EXPECT_GT(recorder_.left_out(), 5'000U);
    const Batch next = take();
    bool leak = false;
    for (const auto* each : {&batch, &next}) {
        for (const RecordedSocket& recorded_socket : each->sockets) {
            leak = leak || recorded_socket.record.cookie == Cookie{1};
        }
    }
    EXPECT_TRUE(leak);
}

TEST_F(Recording, ASocketThatFlapsKeepsItsFirstAndLastSpans) {
    for (int i = 0; i < 100; ++i) {
        tracking::TrackedSocket flapping = socket(1, 1990s);
        flapping.cause = i % 2 == 0 ? tracking::Cause::unread : tracking::Cause::not_closed;
        look({flapping});
    }
    const RecordedSocket story = take().sockets.at(0);
    EXPECT_EQ(story.spans.size(), RecordedSocket::kMostSpans);
    EXPECT_EQ(story.spans.front().began, at(1990s));
    EXPECT_EQ(story.spans.back().began, at(now_));
    EXPECT_EQ(story.spans_left_out, 100 - RecordedSocket::kMostSpans);
}

}  // namespace
}  // namespace halfclosed::history
