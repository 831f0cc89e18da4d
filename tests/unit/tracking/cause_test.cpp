#include "tracking/cause.h"

#include <gtest/gtest.h>

#include "sockets.h"

namespace halfclosed::tracking {

using enum TcpState;

TEST(Cause, TheQueueCountsThePeersFinUntilEndOfFileWasRead) {
    EXPECT_EQ(cause(held(kServer, close_wait)), Cause::not_closed);
    EXPECT_EQ(cause(with_unread(held(kServer, close_wait), 1)), Cause::unread);
    EXPECT_EQ(cause(with_unread(held(kServer, close_wait), 27)), Cause::unread);
}

TEST(Cause, WhatNobodyAcceptedNobodyCanRead) {
    EXPECT_EQ(cause(with_unread(unaccepted(kServer, close_wait), 27)), Cause::not_accepted);
    EXPECT_EQ(cause(unaccepted(kServer, close_wait)), Cause::not_accepted);
}

TEST(Cause, OnlyCloseWaitHasOne) {
    for (const TcpState state : {established, syn_sent, syn_recv, fin_wait1, fin_wait2, time_wait,
                                 TcpState::close, last_ack, listen, closing, new_syn_recv}) {
        EXPECT_EQ(cause(with_unread(held(kServer, state), 5)), std::nullopt) << name(state);
    }
}

TEST(Cause, EveryOneHasItsNameOfTheContract) {
    EXPECT_STREQ(name(Cause::not_accepted), "not_accepted");
    EXPECT_STREQ(name(Cause::unread), "unread");
    EXPECT_STREQ(name(Cause::not_closed), "not_closed");
}

}  // namespace halfclosed::tracking
