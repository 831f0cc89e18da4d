#include "observer/socket_owners.h"

#include <gtest/gtest.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <future>
#include <thread>

#include "sockets.h"
#include "text/words.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1000s};

const SocketOwners::Listeners kNoListeners = [] { return std::vector<SocketRecord>{}; };

std::vector<const tracking::TrackedSocket*> all_of(const exporters::Snapshot& snapshot) {
    std::vector<const tracking::TrackedSocket*> sockets;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        sockets.push_back(&socket);
    }
    return sockets;
}

/// A socket of this very process.
class OwnSocket : public testing::Test {
 protected:
    void SetUp() override {
        struct stat status {};
        ASSERT_EQ(fstat(descriptor_, &status), 0);
        snapshot_.sockets = {leaked_socket(Cookie{1}, kNow)};
        snapshot_.sockets[0].record.inode = static_cast<std::uint32_t>(status.st_ino);
    }
    void TearDown() override { close(descriptor_); }

    int descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    exporters::Snapshot snapshot_;
    DumpFailures failures_ = no_dump_failures();
    SocketOwners socket_owners_{1s, 0.5, failures_, false};
};

TEST_F(OwnSocket, ItsProcessIsFound) {
    socket_owners_.find_processes(all_of(snapshot_), kNoListeners, kNow);
    socket_owners_.fill(snapshot_);
    const Owner* owner = snapshot_.owner(snapshot_.sockets[0].record);
    ASSERT_NE(owner, nullptr);
    ASSERT_EQ(owner->processes.size(), 1U);
    EXPECT_EQ(owner->processes[0].pid, getpid());
    EXPECT_EQ(owner->processes[0].comm, "observer_tests");
    EXPECT_EQ(owner->processes[0].fd, descriptor_);
}

TEST_F(OwnSocket, ItsProcessIsFoundWhereAThreadKeepsItToItself) {
    if (syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILES, 0, 0) != 0) {
        GTEST_SKIP() << "kcmp may not be asked here";
    }
    std::promise<std::uint32_t> opened;
    std::promise<void> seen;
    std::thread thread([&] {
        EXPECT_EQ(unshare(CLONE_FILES), 0);
        const int own = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct stat status {};
        EXPECT_EQ(fstat(own, &status), 0);
        opened.set_value(static_cast<std::uint32_t>(status.st_ino));
        seen.get_future().wait();
    });
    snapshot_.sockets[0].record.inode = opened.get_future().get();
    socket_owners_.find_processes(all_of(snapshot_), kNoListeners, kNow);
    socket_owners_.fill(snapshot_);
    seen.set_value();
    thread.join();
    const Owner* owner = snapshot_.owner(snapshot_.sockets[0].record);
    ASSERT_NE(owner, nullptr);
    ASSERT_EQ(owner->processes.size(), 1U);
    EXPECT_EQ(owner->processes[0].pid, getpid());
}

TEST_F(OwnSocket, ADescriptorMoreIsNoProcessMore) {
    const int second = dup(descriptor_);
    socket_owners_.find_processes(all_of(snapshot_), kNoListeners, kNow);
    socket_owners_.fill(snapshot_);
    close(second);
    ASSERT_NE(snapshot_.owner(snapshot_.sockets[0].record), nullptr);
    const std::vector<Process>& processes = snapshot_.owner(snapshot_.sockets[0].record)->processes;
    ASSERT_EQ(processes.size(), 1U);
    EXPECT_EQ(processes[0].fd, descriptor_);
}

TEST_F(OwnSocket, InTheAcceptQueueItIsTheListeners) {
    SocketRecord listener = snapshot_.sockets[0].record;
    listener.state = TcpState::listen;
    listener.remote = {};
    snapshot_.sockets[0].custody = tracking::Custody::accept_queue;
    snapshot_.sockets[0].record.inode = 0;
    socket_owners_.find_processes(
        all_of(snapshot_), [&] { return std::vector{listener}; }, kNow);
    socket_owners_.fill(snapshot_);
    const Owner* owner = snapshot_.owner(snapshot_.sockets[0].record);
    ASSERT_NE(owner, nullptr);
    ASSERT_EQ(owner->processes.size(), 1U);
    EXPECT_EQ(owner->processes[0].pid, getpid());
}

TEST_F(OwnSocket, AHolderThatEndedIsNotShownAndItsChildIs) {
    int go[2];
    ASSERT_EQ(pipe(go), 0);
    const pid_t holder = fork();
    if (holder == 0) {
        // The child takes the socket along, and says who it is.
        const pid_t child = fork();
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, 0);
            pause();
            _exit(0);
        }
        [[maybe_unused]] const ssize_t written = write(go[1], &child, sizeof child);
        pause();
        _exit(0);
    }
    pid_t child = 0;
    ASSERT_EQ(read(go[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
    close(go[0]);
    close(go[1]);
    close(descriptor_);
    const auto shown = [this](Instant now) {
        exporters::Snapshot snapshot = snapshot_;
        socket_owners_.find_processes(all_of(snapshot), kNoListeners, now);
        socket_owners_.fill(snapshot);
        std::vector<pid_t> pids;
        if (const Owner* owner = snapshot.owner(snapshot.sockets[0].record)) {
            for (const Process& process : owner->processes) {
                pids.push_back(process.pid);
            }
        }
        return pids;
    };
    EXPECT_EQ(shown(kNow), (std::vector<pid_t>{std::min(holder, child), std::max(holder, child)}));
    kill(holder, SIGKILL);
    waitpid(holder, nullptr, 0);
    EXPECT_EQ(shown(kNow + 1h), std::vector<pid_t>{child});
    kill(child, SIGKILL);
    // Not ours to wait for: it is init's by now.
    for (int i = 0; i < 200 && kill(child, 0) == 0; ++i) {
        usleep(5'000);
    }
    EXPECT_EQ(shown(kNow + 2h), std::vector<pid_t>{});
    descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

TEST_F(OwnSocket, AnOrphanHasNoProcessWhateverInodeIsRemembered) {
    snapshot_.sockets[0].custody = tracking::Custody::timewait;
    socket_owners_.find_processes(all_of(snapshot_), kNoListeners, kNow);
    socket_owners_.fill(snapshot_);
    EXPECT_TRUE(snapshot_.owners.empty());
}

TEST_F(OwnSocket, NobodyNeedsToHoldOneThatIsInNoTable) {
    close(descriptor_);
    snapshot_.sockets[0].record.state = TcpState::close;
    socket_owners_.find_processes(all_of(snapshot_), kNoListeners, kNow);
    EXPECT_TRUE(socket_owners_.processes().health().success) << socket_owners_.processes().error();
    descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

TEST_F(OwnSocket, WithNothingToLookForTheCollectorIsWell) {
    socket_owners_.find_processes({}, kNoListeners, kNow);
    EXPECT_TRUE(socket_owners_.processes().health().success);
}

TEST_F(OwnSocket, IsLookedForAheadOfTimeWhereItIsAboutToBeTold) {
    socket_owners_.find_processes({}, kNoListeners, kNow);
    const Instant soon = kNow + 1ms;
    socket_owners_.find_processes(all_of(snapshot_), kNoListeners, soon);
    socket_owners_.fill(snapshot_);
    EXPECT_TRUE(snapshot_.owners.empty()) << "the next look is not due";
    socket_owners_.hurry_for(all_of(snapshot_), soon);
    socket_owners_.find_processes(all_of(snapshot_), kNoListeners, soon);
    socket_owners_.fill(snapshot_);
    EXPECT_EQ(snapshot_.owners.size(), 1U);
}

/// Processes with the pid of this one and lower ones.
int processes_until_own() {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const auto pid = text::to_number<pid_t>(entry.path().filename().string());
        count += pid && *pid <= getpid() ? 1 : 0;
    }
    return count;
}

TEST_F(OwnSocket, WhatIsMissingIsLookedForAtOnceWhateverARoundInStepsHasBeenAt) {
    SocketOwners in_steps(1s, 0.5, failures_, false, {500ms, 1'000'000, 0ms});
    Instant now = kNow;
    in_steps.find_processes(all_of(snapshot_), kNoListeners, now);
    for (int step = processes_until_own(); step > 0; --step) {
        now += 1h;
        in_steps.find_processes(all_of(snapshot_), kNoListeners, now);
    }
    const int second = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct stat status {};
    ASSERT_EQ(fstat(second, &status), 0);
    snapshot_.sockets.push_back(leaked_socket(Cookie{2}, kNow));
    snapshot_.sockets[1].record.inode = static_cast<std::uint32_t>(status.st_ino);
    in_steps.find_processes(all_of(snapshot_), kNoListeners, now + 1h);
    in_steps.fill(snapshot_);
    EXPECT_EQ(snapshot_.owners.size(), 2U);
    close(second);
}

TEST_F(OwnSocket, OneLookAtMostIsAheadOfItsTime) {
    const int second = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct stat status {};
    ASSERT_EQ(fstat(second, &status), 0);
    socket_owners_.find_processes({}, kNoListeners, kNow);
    socket_owners_.hurry_for(all_of(snapshot_), kNow + 1ms);
    socket_owners_.find_processes(all_of(snapshot_), kNoListeners, kNow + 1ms);
    snapshot_.sockets.push_back(leaked_socket(Cookie{2}, kNow));
    snapshot_.sockets[1].record.inode = static_cast<std::uint32_t>(status.st_ino);
    const auto looked_for_at = [this](Instant now) {
        socket_owners_.hurry_for(all_of(snapshot_), now);
        socket_owners_.find_processes(all_of(snapshot_), kNoListeners, now);
        exporters::Snapshot told = snapshot_;
        socket_owners_.fill(told);
        return told.owners.size();
    };
    EXPECT_EQ(looked_for_at(kNow + 2ms), 1U) << "of the first alone";
    EXPECT_EQ(looked_for_at(kNow + 1h), 2U);
    close(second);
}

TEST_F(OwnSocket, WhatIsNotHalfClosedAnyMoreIsForgotten) {
    socket_owners_.find_processes(all_of(snapshot_), kNoListeners, kNow);
    socket_owners_.find_processes({}, kNoListeners, kNow + 1h);
    socket_owners_.fill(snapshot_);
    EXPECT_TRUE(snapshot_.owners.empty());
}

}  // namespace
}  // namespace halfclosed
