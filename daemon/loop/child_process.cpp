#include "loop/child_process.h"

#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace halfclosed::control {

namespace {

constexpr std::chrono::seconds kPatience{2};

/// Starts the command, and puts what it prints into `output`. Options that the environment holds are the daemon's, not
/// the child's: it has PATH alone.
pid_t start(const std::vector<std::string>& command, const posix::Descriptor& output) {
    const char* const path = std::getenv("PATH");
    return posix::spawn({command.front(),
                         {command.begin() + 1, command.end()},
                         {{output.get(), STDOUT_FILENO}},
                         {std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin")}});
}

}  // namespace

Child::Child(EventLoop& loop, const std::vector<std::string>& command, OnLine on_line, OnEnd on_end)
    : Child(loop, command, std::move(on_line), std::move(on_end), posix::make_pipe()) {
}

Child::Child(EventLoop& loop, const std::vector<std::string>& command, OnLine on_line, OnEnd on_end,
             posix::Pipe output)
    : on_line_(std::move(on_line)),
      on_end_(std::move(on_end)),
      process_(start(command, output.write)),
      output_(std::move(output.read)) {
    output_waiting_ =
        loop.descriptor(output_.descriptor(), EPOLLIN, [this](std::uint32_t) { read(); });
    end_waiting_ = loop.child(process_.pid, [this](EventLoop::ChildEnd end) {
        process_.pid = 0;
        end_ = end;
        settle();
    });
    patience_ = loop.timer([this] {
        if (process_.pid != 0) {
            kill(process_.pid, SIGKILL);
        }
    });
}

Child::Process::~Process() {
    if (pid != 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

void Child::terminate() {
    if (process_.pid != 0) {
        kill(process_.pid, SIGTERM);
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
    if (process_.pid == 0 && !output_waiting_) {
        const OnEnd on_end = std::move(on_end_);
        on_end(end_);  // may destroy this
    }
}

}  // namespace halfclosed::control
