#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "host/socket_holders.h"
#include "posix/clock.h"
#include "posix/file.h"

namespace halfclosed::host {
namespace {

using namespace std::chrono_literals;

constexpr pid_t kPid = 500;

/// What the process inside says by its exit status.
enum Verdict { sound = 0, not_permitted = 1, mistaken = 2, nothing_tested = 3 };

/// Makes the kernel give out `pid` next (proc_sys_kernel(5), ns_last_pid).
bool next_pid_is(pid_t pid) {
    const posix::Descriptor file(::open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC));
    const std::string text = std::to_string(pid - 1);
    return file && ::write(file.get(), text.data(), text.size()) > 0;
}

/// Starts children under one pid, one after the other, and ends each soon: whenever a byte comes
/// from `turn`, to which it answers with a byte to `next`. The children have this process' files.
[[noreturn]] void breed(const char* name, int turn, int next) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, name);
    char byte = 0;
    unsigned turns = 0;
    while (::read(turn, &byte, 1) == 1 && next_pid_is(kPid)) {
        const pid_t child = ::fork();
        if (child == 0) {
            while (true) {
                ::pause();
            }
        }
        if (child != kPid) {
            break;
        }
        ::usleep(turns++ % 8 * 300);  // about as long as a pass over it takes, now more, now less
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        if (::write(next, &byte, 1) != 1) {
            break;
        }
    }
    ::_exit(1);
}

/// As the first process of a namespace of pids: lets holders of a socket and impostors without it
/// take turns under one pid, and looks for the holders again and again.
int take_turns() {
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("proc", "/proc", "proc", 0, nullptr) != 0 || !next_pid_is(2)) {
        return not_permitted;
    }
    int to_impostors[2];
    int to_holders[2];
    if (::pipe(to_impostors) != 0 || ::pipe(to_holders) != 0) {
        return nothing_tested;
    }
    if (::fork() == 0) {
        breed("impostor", to_impostors[0], to_holders[1]);
    }
    const posix::Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    struct stat status {};
    ::fstat(socket.get(), &status);
    const auto inode = static_cast<SocketInode>(status.st_ino);
    if (::fork() == 0) {
        // Many descriptors behind the socket's: holders are ended between its link and their name.
        for (int i = 0; i < 300; ++i) {
            [[maybe_unused]] const int copy = ::dup(to_holders[0]);
        }
        breed("holder", to_holders[0], to_impostors[1]);
    }
    [[maybe_unused]] const ssize_t first_turn = ::write(to_impostors[1], "", 1);

    int seen = 0;
    const auto start = posix::boot_clock_now();
    const auto lasted = [start] { return posix::boot_clock_now() - start; };
    while (lasted() < 500ms || (seen == 0 && lasted() < 10s)) {
        Holders found = find_holders({inode}, {}, kPid);
        for (const Holder& holder : found.by_inode[inode]) {
            if (holder.comm != "holder") {
                return mistaken;
            }
            ++seen;
        }
    }
    return seen > 0 ? sound : nothing_tested;
}

TEST(PidReuse, AnImpostorUnderTheSamePidIsNotNamed) {
    const pid_t outside = ::fork();
    if (outside == 0) {
        const int user = ::getuid() == 0 ? 0 : CLONE_NEWUSER;
        if (::unshare(user | CLONE_NEWPID | CLONE_NEWNS) != 0) {
            ::_exit(not_permitted);
        }
        const pid_t first = ::fork();
        if (first == 0) {
            ::_exit(take_turns());
        }
        int status = 0;
        ::waitpid(first, &status, 0);
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : nothing_tested);
    }
    int status = 0;
    ::waitpid(outside, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == not_permitted) {
        GTEST_SKIP() << "may not make a namespace of pids and choose pids in it";
    }
    EXPECT_EQ(WEXITSTATUS(status), sound);
}

}  // namespace
}  // namespace halfclosed::host
