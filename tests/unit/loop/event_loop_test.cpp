#include "loop/event_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

struct Pipe {
    Pipe() { EXPECT_EQ(pipe(ends), 0); }
    ~Pipe() {
        close(ends[0]);
        close(ends[1]);
    }
    int ends[2]{};
};

TEST(EventLoop, ATimerComesOnceEachTimeItIsSet) {
    EventLoop loop;
    int calls = 0;
    EventLoop::EventSource timer;
    timer = loop.timer([&] {
        if (++calls == 3) {
            loop.stop(7);
        } else {
            timer.set(1ms);
        }
    });
    timer.set(0ms);
    EXPECT_EQ(loop.run(), 7);
    EXPECT_EQ(calls, 3);
}

TEST(EventLoop, ATimerThatWasStoppedOrNeverSetDoesNotCome) {
    EventLoop loop;
    const EventLoop::EventSource never = loop.timer([] { FAIL(); });
    EventLoop::EventSource stopped = loop.timer([] { FAIL(); });
    stopped.set(1ms);
    stopped.stop();
    EventLoop::EventSource end = loop.timer([&] { loop.stop(0); });
    end.set(20ms);
    EXPECT_EQ(loop.run(), 0);
}

TEST(EventLoop, ARepeatingTimerSaysItsOwnPause) {
    EventLoop loop;
    int calls = 0;
    loop.add_timer([&] {
        if (++calls == 3) {
            loop.stop(0);
        }
        return std::chrono::nanoseconds{1ms};
    });
    loop.run();
    EXPECT_EQ(calls, 3);
}

TEST(EventLoop, AHandlerMayDestroyWhatItWasCalledFor) {
    EventLoop loop;
    const Pipe pipe;
    ASSERT_EQ(write(pipe.ends[1], "x", 1), 1);
    int calls = 0;
    EventLoop::EventSource reading;
    reading = loop.descriptor(pipe.ends[0], EPOLLIN, [&](std::uint32_t events) {
        EXPECT_EQ(events, std::uint32_t{EPOLLIN});
        ++calls;
        reading = {};  // the byte is still there: it would be called for ever
    });
    EventLoop::EventSource end = loop.timer([&] { loop.stop(0); });
    end.set(20ms);
    loop.run();
    EXPECT_EQ(calls, 1);
    EXPECT_FALSE(reading);
}

TEST(EventLoop, ASignalThatComesAgainAndAgainDoesNotHoldUpTheEnd) {
    sigset_t before;  // the loop leaves its signals blocked
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    {
        EventLoop loop;
        int hangups = 0;
        loop.on_signal(SIGHUP, [&] {
            ++hangups;
            if (hangups < 100) {
                raise(SIGHUP);
            }
        });
        loop.stop_on({SIGTERM});
        raise(SIGHUP);
        raise(SIGTERM);
        EXPECT_EQ(loop.run(), 0);
        EXPECT_LT(hangups, 10);
    }
    const timespec at_once{};
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    sigtimedwait(&hangup, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// What the loop tells of a child that is ended by `signal`, or by itself with status 3 where that is 0.
EventLoop::ChildEnd end_of_child(int signal) {
    EventLoop loop;
    const pid_t pid = fork();
    if (pid == 0) {
        if (signal != 0) {
            pause();
        }
        _exit(3);
    }
    EventLoop::ChildEnd told;
    const EventLoop::EventSource waiting = loop.child(pid, [&](EventLoop::ChildEnd end) {
        told = end;
        loop.stop(0);
    });
    if (signal != 0) {
        kill(pid, signal);
    }
    loop.run();
    EXPECT_EQ(kill(pid, 0), -1) << "it is not reaped";
    return told;
}

TEST(EventLoop, AChildIsReapedAndItsEndTold) {
    const EventLoop::ChildEnd exited = end_of_child(0);
    EXPECT_FALSE(exited.by_signal);
    EXPECT_EQ(exited.number, 3);
    const EventLoop::ChildEnd killed = end_of_child(SIGTERM);
    EXPECT_TRUE(killed.by_signal);
    EXPECT_EQ(killed.number, SIGTERM);
}

TEST(EventLoop, WhatAHandlerThrowsComesOutOfRun) {
    EventLoop loop;
    EventLoop::EventSource timer = loop.timer([] { throw std::runtime_error("from within"); });
    timer.set(0ms);
    EXPECT_THROW(loop.run(), std::runtime_error);
}

TEST(EventLoop, TasksOfOtherThreadsRunInItsOwnAndInTheirOrder) {
    EventLoop loop;
    std::vector<int> order;
    const auto own = std::this_thread::get_id();
    std::thread other([&] {
        for (int i = 0; i < 100; ++i) {
            loop.post([&, i] {
                EXPECT_EQ(std::this_thread::get_id(), own);
                order.push_back(i);
            });
        }
        loop.post([&] { loop.stop(7); });
    });
    EXPECT_EQ(loop.run(), 7);
    other.join();
    ASSERT_EQ(order.size(), 100U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

}  // namespace
}  // namespace halfclosed
