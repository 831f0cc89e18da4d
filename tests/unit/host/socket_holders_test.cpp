#include "host/socket_holders.h"

#include <gmock/gmock.h>
#include <grp.h>
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
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <thread>

#include "fixture.h"
#include "host/process_cgroup.h"
#include "host/process_stat.h"
#include "posix/clock.h"
#include "posix/file.h"

namespace halfclosed::host {
namespace {

using namespace std::chrono_literals;

/// A child that does its work, says that it is ready, and stays until this object ends.
class Child {
 public:
    explicit Child(const std::function<void()>& work) {
        int ready[2];
        if (::pipe(ready) != 0) {
            return;
        }
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            work();
            [[maybe_unused]] const ssize_t written = ::write(ready[1], "", 1);
            while (true) {
                ::pause();
            }
        }
        ::close(ready[1]);
        char end;
        [[maybe_unused]] const ssize_t count = ::read(ready[0], &end, 1);
        ::close(ready[0]);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }
    pid_t pid() const { return pid_; }

 private:
    pid_t pid_ = -1;
};

posix::Descriptor open_socket() {
    return posix::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

SocketInode inode_of(const posix::Descriptor& socket) {
    struct stat status {};
    ::fstat(socket.get(), &status);
    return static_cast<SocketInode>(status.st_ino);
}

bool still_holds(const Holder& holder, SocketInode inode) {
    return HolderCheck().still_holds(holder, inode);
}

/// The holders of one socket, in the order of pid and descriptor.
std::vector<Holder> holders_of(SocketInode inode) {
    Holders found = find_holders({inode});
    std::vector<Holder> holders = found.by_inode[inode];
    std::sort(holders.begin(), holders.end(), [](const Holder& a, const Holder& b) {
        return std::pair(a.pid, a.descriptor) < std::pair(b.pid, b.descriptor);
    });
    return holders;
}

TEST(Processes, TheHolderIsNamedWithItsDescriptorAndStart) {
    const posix::Descriptor socket = open_socket();
    const std::vector<Holder> holders = holders_of(inode_of(socket));
    ASSERT_EQ(holders.size(), 1U);
    EXPECT_EQ(holders[0].pid, ::getpid());
    EXPECT_EQ(holders[0].descriptor, socket.get());
    const ProcessStat self = parse_process_stat(posix::read_file("/proc/self/stat"));
    EXPECT_EQ(holders[0].comm, self.comm);
    EXPECT_EQ(holders[0].started, self.started);
    EXPECT_LE(holders[0].started, posix::boot_clock_now());
    EXPECT_EQ(holders[0].thread, ::getpid());
    EXPECT_EQ(holders[0].cgroup, parse_process_cgroup(posix::read_file("/proc/self/cgroup")));
}

TEST(Processes, EveryDescriptorOfEveryProcessCounts) {
    const posix::Descriptor socket = open_socket();
    const posix::Descriptor second(::dup(socket.get()));
    const Child child([] { ::prctl(PR_SET_NAME, "a) S 1 (\xc3"); });
    const std::vector<Holder> holders = holders_of(inode_of(socket));
    ASSERT_EQ(holders.size(), 4U);
    for (const Holder& holder : holders) {
        EXPECT_TRUE(holder.descriptor == socket.get() || holder.descriptor == second.get());
        EXPECT_EQ(holder.comm == "a) S 1 (\xc3", holder.pid == child.pid());
    }
}

/// Ends the calling thread, not the process.
void end_thread() {
    ::syscall(SYS_exit, 0);
}

TEST(Processes, TheThreadsOfALeaderThatHasEndedHold) {
    posix::Descriptor socket = open_socket();
    const SocketInode inode = inode_of(socket);
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t leader = ::fork();
    if (leader == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::prctl(PR_SET_NAME, "leader");
        std::thread([&ready] {
            // As long as the leader runs, its table is read and not this one.
            while (parse_process_stat(posix::read_file("/proc/self/stat")).ended ||
                   posix::read_file("/proc/self/stat").find(") Z ") == std::string::npos) {
                std::this_thread::sleep_for(1ms);
            }
            [[maybe_unused]] const ssize_t written = ::write(ready[1], "", 1);
            ::close(ready[1]);
            std::this_thread::sleep_for(60s);
        }).detach();
        end_thread();
    }
    ::close(ready[1]);
    char end;
    EXPECT_EQ(::read(ready[0], &end, 1), 1);
    ::close(ready[0]);
    socket = posix::Descriptor();
    const std::vector<Holder> holders = holders_of(inode);
    EXPECT_EQ(holders.size(), 1U);
    if (!holders.empty()) {
        EXPECT_EQ(holders[0].pid, leader);
        EXPECT_NE(holders[0].thread, leader);
        EXPECT_EQ(holders[0].comm, "leader");
        EXPECT_TRUE(still_holds(holders[0], inode));
    }
    ::kill(leader, SIGKILL);
    ::waitpid(leader, nullptr, 0);
    if (!holders.empty()) {
        EXPECT_FALSE(still_holds(holders[0], inode));
    }
}

TEST(Processes, ATableThatAThreadKeepsToItselfIsLookedThroughWhereAllAre) {
    if (::syscall(SYS_kcmp, ::getpid(), ::getpid(), KCMP_FILES, 0, 0) != 0) {
        GTEST_SKIP() << "kcmp: " << std::strerror(errno);
    }
    std::promise<SocketInode> opened;
    std::promise<void> seen;
    pid_t thread_id = 0;
    std::thread thread([&] {
        thread_id = static_cast<pid_t>(::syscall(SYS_gettid));
        const bool alone = ::unshare(CLONE_FILES) == 0;
        const posix::Descriptor socket = open_socket();
        opened.set_value(alone ? inode_of(socket) : 0);
        seen.get_future().wait();
    });
    const SocketInode inode = opened.get_future().get();
    EXPECT_NE(inode, 0U);
    EXPECT_THAT(holders_of(inode), testing::IsEmpty());
    const std::vector<Holder> holders =
        find_holders({inode}, {}, 1, "/proc", Tables::all).by_inode[inode];
    ASSERT_EQ(holders.size(), 1U) << "its other threads share a table";
    EXPECT_EQ(holders[0].pid, ::getpid());
    EXPECT_EQ(holders[0].thread, thread_id);
    EXPECT_EQ(holders[0].started, parse_process_stat(posix::read_file("/proc/self/stat")).started);
    EXPECT_TRUE(still_holds(holders[0], inode));
    seen.set_value();
    thread.join();
    EXPECT_FALSE(still_holds(holders[0], inode));
}

TEST(StillHolds, UntilTheDescriptorIsClosedOrTheProcessEnds) {
    posix::Descriptor socket = open_socket();
    const SocketInode inode = inode_of(socket);
    std::vector<Holder> holders = holders_of(inode);
    ASSERT_EQ(holders.size(), 1U);
    EXPECT_TRUE(still_holds(holders[0], inode));
    EXPECT_FALSE(still_holds(holders[0], inode + 1));
    Holder successor = holders[0];
    successor.started += 10ms;
    EXPECT_FALSE(still_holds(successor, inode)) << "another process with the same pid";
    Holder registered = holders[0];
    registered.descriptor = -1;
    EXPECT_TRUE(still_holds(registered, inode)) << "a file of a ring has no number to look at";
    socket = posix::Descriptor();
    EXPECT_FALSE(still_holds(holders[0], inode));

    const posix::Descriptor other = open_socket();
    std::vector<Holder> two;
    {
        const Child child([] {});
        two = holders_of(inode_of(other));
        ASSERT_EQ(two.size(), 2U);
    }
    for (const Holder& holder : two) {
        EXPECT_EQ(still_holds(holder, inode_of(other)), holder.pid == ::getpid());
    }
}

TEST(RegisteredSockets, AreThoseOfTheListOfFiles) {
    // Linux 6.18, io_uring/fdinfo.c.
    EXPECT_EQ(parse_registered_sockets("pos:\t0\nflags:\t02000002\nmnt_id:\t16\nino:\t1036\n"
                                       "SqMask:\t0x3\nSqHead:\t0\nSQEs:\t0\n"
                                       "    7: socket:[99]\n"
                                       "SqThread:\t-1\nUserFiles:\t3\n"
                                       "    0: socket:[4711]\n    1: <none>\n"
                                       "    2: /tmp/socket:[5]\n   10: socket:[12]\n"
                                       "UserBufs:\t1\n    0: socket:[6]\nPollList:\n"),
              (std::vector<SocketInode>{4711, 12}));
    EXPECT_TRUE(parse_registered_sockets("").empty());
    EXPECT_TRUE(parse_registered_sockets("UserFiles:\t1\n    0: \n").empty()) << "before 6.2";
}

/// A ring with one registered file, or nothing if rings are not to be had.
posix::Descriptor ring_with(int file) {
    std::array<std::uint32_t, 30> parameters{};
    posix::Descriptor ring(static_cast<int>(::syscall(SYS_io_uring_setup, 4, parameters.data())));
    constexpr unsigned kRegisterFiles = 2;
    if (ring && ::syscall(SYS_io_uring_register, ring.get(), kRegisterFiles, &file, 1) != 0) {
        return posix::Descriptor();
    }
    return ring;
}

TEST(Processes, ARegisteredFileOfARingHolds) {
    posix::Descriptor socket = open_socket();
    const SocketInode inode = inode_of(socket);
    const posix::Descriptor ring = ring_with(socket.get());
    if (!ring) {
        GTEST_SKIP() << "no io_uring here";
    }
    if (posix::read_file("/proc/self/fdinfo/" + std::to_string(ring.get())).find("socket:[") ==
        std::string::npos) {
        GTEST_SKIP() << "this kernel does not write what a registered file is";
    }
    socket = posix::Descriptor();
    const std::vector<Holder> holders = holders_of(inode);
    ASSERT_EQ(holders.size(), 1U);
    EXPECT_EQ(holders[0].pid, ::getpid());
    EXPECT_EQ(holders[0].descriptor, -1);
}

TEST(Processes, OnlyWhatWasAskedForIsFound) {
    const posix::Descriptor asked = open_socket();
    const posix::Descriptor other = open_socket();
    const Holders found = find_holders({inode_of(asked)});
    EXPECT_EQ(found.by_inode.count(inode_of(asked)), 1U);
    EXPECT_EQ(found.by_inode.count(inode_of(other)), 0U);
    EXPECT_TRUE(found.complete());
}

TEST(Processes, AClosedSocketHasNoHolder) {
    posix::Descriptor socket = open_socket();
    const SocketInode inode = inode_of(socket);
    socket = posix::Descriptor();
    EXPECT_TRUE(holders_of(inode).empty());
}

TEST(Processes, ABudgetOfNoTimeIsOverAtOnce) {
    const posix::Descriptor socket = open_socket();
    const Holders found = find_holders({inode_of(socket)}, {.cpu = 0ns, .descriptors = 1'000'000});
    EXPECT_FALSE(found.complete());
    EXPECT_EQ(found.next, 1);
    EXPECT_EQ(found.descriptors, 0U);
    EXPECT_TRUE(found.by_inode.empty());
}

TEST(Processes, AStepIsOneProcessAtLeastAndThatAsAWhole) {
    const posix::Descriptor socket = open_socket();
    const Child child([] {});
    const PassBudget budget{.cpu = 10s, .descriptors = 1'000'000, .step = 0ns};
    const Holders found = find_holders({inode_of(socket)}, budget, ::getpid());
    EXPECT_EQ(found.by_inode.size(), 1U) << "of this process";
    EXPECT_GT(found.next, ::getpid()) << "the child is left to the next pass";
}

TEST(Processes, ABudgetOfDescriptorsIsKept) {
    const posix::Descriptor socket = open_socket();
    const Holders found =
        find_holders({inode_of(socket)}, {.cpu = 10s, .descriptors = 2}, ::getpid());
    EXPECT_FALSE(found.complete());
    EXPECT_EQ(found.descriptors, 2U);
    EXPECT_EQ(found.next, ::getpid() + 1);
}

TEST(Processes, APassGoesOnWhereTheBudgetEnded) {
    const Child first([] {});
    const posix::Descriptor socket = open_socket();
    const Child second([] {});
    const SocketInode inode = inode_of(socket);
    const auto enough_for_one = static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
    std::vector<pid_t> pids;
    pid_t next = 1;
    int passes = 0;
    do {
        Holders found = find_holders({inode}, {.cpu = 10s, .descriptors = enough_for_one}, next);
        for (const Holder& holder : found.by_inode[inode]) {
            pids.push_back(holder.pid);
        }
        ASSERT_TRUE(found.complete() || found.next > next);
        next = found.next;
        ++passes;
    } while (next != 0);
    EXPECT_GT(passes, 1);
    std::sort(pids.begin(), pids.end());
    EXPECT_EQ(pids, (std::vector<pid_t>{std::min(::getpid(), second.pid()),
                                        std::max(::getpid(), second.pid())}));
}

TEST(Processes, WhatMayNotBeReadIsCounted) {
    const posix::Descriptor socket = open_socket();
    const SocketInode inode = inode_of(socket);
    // A child without privileges: this process, or that of pid 1, is not its to read.
    const pid_t child = ::fork();
    if (child == 0) {
        const bool root = ::getuid() == 0;
        if (root && (::setgroups(0, nullptr) != 0 || ::setresgid(65534, 65534, 65534) != 0 ||
                     ::setresuid(65534, 65534, 65534) != 0)) {
            ::_exit(1);
        }
        Holders found = find_holders({inode});
        const auto& holders = found.by_inode[inode];
        const bool parent_seen = std::any_of(holders.begin(), holders.end(),
                                             [](const Holder& h) { return h.pid == ::getppid(); });
        ::_exit(found.unreadable > 0 && parent_seen == !root ? 0 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST(Processes, ProcessesThatComeAndGoAreNeverMistaken) {
    // A child that never had the socket makes processes and lets them end, as fast as it can.
    const Child churn([] {
        if (::fork() == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            while (true) {
                const pid_t pid = ::fork();
                if (pid == 0) {
                    ::_exit(0);
                }
                ::waitpid(pid, nullptr, 0);
            }
        }
    });
    const posix::Descriptor socket = open_socket();
    const SocketInode inode = inode_of(socket);
    const auto deadline = posix::boot_clock_now() + 300ms;
    int passes = 0;
    for (; posix::boot_clock_now() < deadline; ++passes) {
        const std::vector<Holder> holders = holders_of(inode);
        ASSERT_EQ(holders.size(), 1U);
        ASSERT_EQ(holders[0].pid, ::getpid());
    }
    EXPECT_GT(passes, 0);
}

/// A directory made to look like /proc, for what a kernel does not do on demand.
class FakeProc : public testing::Test {
 protected:
    FakeProc() {
        std::string pattern = testing::TempDir() + "/halfclosed-proc-XXXXXX";
        proc_ = ::mkdtemp(pattern.data());
        std::filesystem::create_directories(proc_ + "/100/fd");
        std::filesystem::create_directories(proc_ + "/sys");
        std::ofstream(proc_ + "/100/stat") << "100 (server) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 "
                                              "20 0 1 0 500 100 200\n";
        std::ofstream(proc_ + "/100/cgroup") << "0::/system.slice/shop.service\n";
    }
    ~FakeProc() override { std::filesystem::remove_all(proc_); }

    void link(const std::string& descriptor, const std::string& target) const {
        std::filesystem::create_symlink(target, proc_ + "/100/fd/" + descriptor);
    }

    std::string proc_;
};

TEST_F(FakeProc, OnlyTheKernelsFormIsASocket) {
    link("3", "socket:[5]");
    link("4", "socket:[5");
    link("5", "socket:[]");
    link("6", "socket:[5x]");
    link("7", "socket:[4294967301]");
    link("8", "socket:[-5]");
    link("9", "pipe:[5]");
    link("10", "/tmp/socket:[5]");
    link("11", "socket:[5] (deleted)");
    link("12", "socket:[00000000000000000000000000000000000000000000005]");
    link("13", "socket:[0]");
    link("fourteen", "socket:[5]");
    const Holders found = find_holders({0, 5}, {}, 1, proc_);
    EXPECT_EQ(found.by_inode.size(), 1U);
    EXPECT_EQ(found.by_inode.at(5),
              (std::vector<Holder>{{.pid = 100,
                                    .thread = 100,
                                    .descriptor = 3,
                                    .comm = "server",
                                    .started = 5s,
                                    .cgroup = "/system.slice/shop.service"}}));
    EXPECT_EQ(found.descriptors, 11U);
}

TEST_F(FakeProc, AProcessThatEndedBeforeItWasNamedIsNoHolder) {
    link("3", "socket:[5]");
    std::filesystem::remove(proc_ + "/100/stat");
    const Holders found = find_holders({5}, {}, 1, proc_);
    EXPECT_TRUE(found.by_inode.empty());
    EXPECT_TRUE(found.complete());
    EXPECT_EQ(found.unreadable, 0U);
}

TEST_F(FakeProc, AProcessThatEndedBeforeItWasReadIsPassedOver) {
    std::filesystem::create_directories(proc_ + "/101");
    const Holders found = find_holders({5}, {}, 1, proc_);
    EXPECT_TRUE(found.complete());
    EXPECT_EQ(found.unreadable, 0U);
}

TEST(Processes, WithoutProcThereIsNoAnswer) {
    EXPECT_EQ(complaint([] { find_holders({5}, {}, 1, "/nonexistent"); }),
              "/nonexistent: No such file or directory");
}

}  // namespace
}  // namespace halfclosed::host
