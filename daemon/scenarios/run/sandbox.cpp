#include "scenarios/run/sandbox.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

#include "posix/file.h"
#include "posix/output_file.h"
#include "posix/spawn.h"
#include "scenarios/run/namespace_policy.h"

namespace halfclosed::scenarios {

namespace {

/// Where the pipe is inside; everything above it is closed.
constexpr int kPipe = 3;

/// fork(2) into new namespaces. The system call itself, because the C library's wrapper requires a new stack; the child
/// has a copy of this one, as after fork().
pid_t clone_into(unsigned long namespaces) {
    return static_cast<pid_t>(
        syscall(SYS_clone, namespaces | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

/// Maps the user that the child was started by to itself, which is all that an ordinary user may
/// map (user_namespaces(7)).
void map_user(uid_t user, gid_t group) {
    const auto to_itself = [](unsigned id) {
        return std::to_string(id) + " " + std::to_string(id) + " 1";
    };
    // A process that changed its user before, or gained capabilities by its file, does not own its
    // files in /proc (fs/proc/base.c:task_dump_owner).
    prctl(PR_SET_DUMPABLE, 1);
    posix::write_value("/proc/self/setgroups", "deny");
    posix::write_value("/proc/self/uid_map", to_itself(user));
    posix::write_value("/proc/self/gid_map", to_itself(group));
}

/// Separates the child from its parent: no descriptor but the pipe and the standard ones, no signal from the terminal,
/// none blocked or handled.
void leave_parent(int pipe) {
    dup2(pipe, kPipe);
    close_range(kPipe + 1, ~0U, 0);
    fcntl(kPipe, F_SETFD, FD_CLOEXEC);
    setsid();
    for (int number = 1; number < NSIG; ++number) {
        std::signal(number, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    // The first process of a PID namespace is not ended by the default action of a signal of its
    // own.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!posix::has_reader(kPipe)) {
        _exit(EXIT_FAILURE);  // the parent was gone before the line above
    }
}

}  // namespace

Sandbox::Sandbox(const Inside& inside, const Failed& failed) {
    auto [read_end, write_end] = posix::make_pipe();
    pipe_ = std::move(read_end);
    const uid_t user = geteuid();
    const gid_t group = getegid();

    bool own_user_namespace = false;
    pid_ = clone_into(CLONE_NEWPID | CLONE_NEWNET);
    if (pid_ < 0 && errno == EPERM) {
        own_user_namespace = true;
        pid_ = clone_into(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUSER);
    }
    if (pid_ < 0) {
        const std::system_error failure(errno, std::generic_category(), "clone()");
        throw RefusedError(explain_refusal(failure, read_namespace_policy()));
    }
    if (pid_ > 0) {
        return;
    }
    pipe_ = {};
    // Nothing may leave this block but by _exit(): beyond it lies a copy of the parent.
    try {
        leave_parent(write_end.get());
        if (own_user_namespace) {
            map_user(user, group);
        }
        inside(kPipe);
        _exit(EXIT_SUCCESS);
    } catch (const std::exception& error) {
        failed(kPipe, error);
        _exit(EXIT_FAILURE);
    }
}

Sandbox::~Sandbox() {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace halfclosed::scenarios
