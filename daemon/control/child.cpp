#include "control/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace halfclosed::control {

namespace {

constexpr std::chrono::seconds kPatience{2};

/// posix_spawn(3)'s two plans: nothing to read, output into `output`, no signal blocked or ignored.
class Plan {
 public:
    explicit Plan(int output) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
        // Whatever whoever started us has left open.
        posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
        posix_spawnattr_init(&attributes_);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        sigfillset(&signals);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~Plan() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&actions_);
    }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// Starts the command; returns its process and the end of a pipe with what it prints.
std::pair<pid_t, host::Descriptor> start(std::vector<std::string> command) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    host::Descriptor read_end(ends[0]);
    const host::Descriptor write_end(ends[1]);

    std::vector<char*> arguments;
    for (std::string& argument : command) {
        arguments.push_back(argument.data());
    }
    arguments.push_back(nullptr);
    // Options that the environment holds are the daemon's, not the child's.
    const char* const path = std::getenv("PATH");
    std::string variable = std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin");
    char* environment[] = {variable.data(), nullptr};

    const Plan plan(write_end.get());
    pid_t pid = 0;
    const int error = posix_spawn(&pid, command.front().c_str(), &plan.actions_, &plan.attributes_,
                                  arguments.data(), environment);
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), command.front());
    }
    return {pid, std::move(read_end)};
}

}  // namespace

Child::Child(EventLoop& loop, const std::vector<std::string>& command, OnLine on_line, OnEnd on_end)
    : on_line_(std::move(on_line)), on_end_(std::move(on_end)), output_(host::Descriptor()) {
    auto [pid, output] = start(command);
    pid_ = pid;
    const int number = output.get();
    output_ = scenarios::LineReader(std::move(output));
    output_waiting_ = loop.descriptor(number, EPOLLIN, [this](std::uint32_t) { read(); });
    end_waiting_ = loop.child(pid, [this](EventLoop::ChildEnd end) {
        pid_ = 0;
        end_ = end;
        settle();
    });
    patience_ = loop.timer([this] {
        if (pid_ != 0) {
            kill(pid_, SIGKILL);
        }
    });
}

Child::~Child() {
    if (pid_ != 0) {
        kill(pid_, SIGKILL);
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

void Child::terminate() {
    if (pid_ != 0) {
        kill(pid_, SIGTERM);
        patience_.set(kPatience);
    }
}

void Child::read() {
    if (!output_.read(on_line_)) {
        output_waiting_ = {};
        settle();
    }
}

void Child::settle() {
    if (pid_ == 0 && !output_waiting_) {
        const OnEnd on_end = std::move(on_end_);
        on_end(end_);  // may destroy this
    }
}

}  // namespace halfclosed::control
