#include "program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace halfclosed::programs {

namespace {

struct Pipe {
    posix::Descriptor read;
    posix::Descriptor write;
};

Pipe make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    return {posix::Descriptor(ends[0]), posix::Descriptor(ends[1])};
}

[[noreturn]] void become(const std::string& name, const std::vector<std::string>& flags) {
    const std::string path = std::string(HALFCLOSED_PROGRAMS) + "/" + name;
    std::vector<char*> arguments{const_cast<char*>(name.c_str())};
    for (const std::string& flag : flags) {
        arguments.push_back(const_cast<char*>(flag.c_str()));
    }
    arguments.push_back(nullptr);
    execv(path.c_str(), arguments.data());
    _exit(127);
}

}  // namespace

Program::Program(const std::string& name, const std::vector<std::string>& flags) {
    Pipe output = make_pipe();
    Pipe errors = make_pipe();
    Pipe snapshots = make_pipe();
    pid_ = fork();
    if (pid_ < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    if (pid_ == 0) {
        // The pipe that becomes 3 may be one of those that are there now: first out of the way with it.
        const int report_end = fcntl(snapshots.write.get(), F_DUPFD, 10);
        dup2(output.write.get(), STDOUT_FILENO);
        dup2(errors.write.get(), STDERR_FILENO);
        dup2(report_end, 3);
        close(report_end);
        become(name, flags);
    }
    output_ = std::move(output.read);
    errors_ = std::move(errors.read);
    reports_ = std::move(snapshots.read);
}

Program::~Program() {
    if (!end_) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

std::string Program::line_of(const posix::Descriptor& pipe) {
    std::string text;
    char byte = 0;
    while (text.find('\n') == std::string::npos) {
        pollfd waiting{pipe.get(), POLLIN, 0};
        if (poll(&waiting, 1, 10'000) != 1 || read(pipe.get(), &byte, 1) != 1) {
            break;
        }
        text += byte;
    }
    return text;
}

void Program::signal(int number) const {
    kill(pid_, number);
}

int Program::end() {
    if (!end_) {
        int status = 0;
        waitpid(pid_, &status, 0);
        end_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    }
    return *end_;
}

std::string Program::rest(const posix::Descriptor& pipe) {
    std::string text;
    std::array<char, 4096> buffer;
    for (ssize_t got = 0; (got = read(pipe.get(), buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
}

}  // namespace halfclosed::programs
