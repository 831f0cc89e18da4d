#include "host/socket_holders.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "fixture.h"
#include "posix/clock.h"

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
    EXPECT_EQ(holders[0].process, parse_process_stat(posix::read_file("/proc/self/stat")));
    EXPECT_LE(holders[0].process.started, posix::boot_clock_now());
}

TEST(Processes, EveryDescriptorOfEveryProcessCounts) {
    const posix::Descriptor socket = open_socket();
    const posix::Descriptor second(::dup(socket.get()));
    const Child child([] { ::prctl(PR_SET_NAME, "a) S 1 (\xc3"); });
    const std::vector<Holder> holders = holders_of(inode_of(socket));
    ASSERT_EQ(holders.size(), 4U);
    for (const Holder& holder : holders) {
        EXPECT_TRUE(holder.descriptor == socket.get() || holder.descriptor == second.get());
        EXPECT_EQ(holder.process.comm == "a) S 1 (\xc3", holder.pid == child.pid());
    }
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
              (std::vector<Holder>{{.pid = 100, .descriptor = 3, .process = {"server", 5s}}}));
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
