#include "scenarios/run/actor_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

namespace halfclosed::scenarios {

namespace {

/// Where the program finds its end of the report pipe.
constexpr int kReportDescriptor = 3;

pid_t start(const std::filesystem::path& program, std::vector<std::string> flags, int reports,
            int errors) {
    flags.insert(flags.end(), {"--report-fd", std::to_string(kReportDescriptor)});
    const posix::Descriptor null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    return posix::spawn(
        {program,
         std::move(flags),
         {{null.get(), STDOUT_FILENO}, {errors, STDERR_FILENO}, {reports, kReportDescriptor}},
         posix::environment()});
}

}  // namespace

ActorProcess::ActorProcess(const std::filesystem::path& program,
                           const std::vector<std::string>& flags)
    : ActorProcess(program, flags, posix::make_pipe(), posix::make_pipe()) {
}

ActorProcess::ActorProcess(const std::filesystem::path& program,
                           const std::vector<std::string>& flags, posix::Pipe reports,
                           posix::Pipe errors)
    : pid_(start(program, flags, reports.write.get(), errors.write.get())),
      reports_(std::move(reports.read)),
      errors_(std::move(errors.read)) {
}

std::vector<programs::Call> ActorProcess::take_calls() {
    last_error();  // a full pipe would stop the program
    std::vector<programs::Call> calls;
    reports_.read([&calls](const std::string& line) {
        if (const auto call = programs::parse_call(line)) {
            calls.push_back(*call);
        }
    });
    return calls;
}

void ActorProcess::signal(int number) const {
    if (pid_ != 0) {
        kill(pid_, number);
    }
}

std::optional<Exit> ActorProcess::take_end() {
    int status = 0;
    if (pid_ == 0 || waitpid(pid_, &status, WNOHANG) != pid_) {
        return std::nullopt;
    }
    pid_ = 0;
    return WIFSIGNALED(status) ? Exit{true, WTERMSIG(status)} : Exit{false, WEXITSTATUS(status)};
}

std::string ActorProcess::last_error() {
    errors_.read([this](const std::string& line) { last_error_ = line; });
    return last_error_;
}

}  // namespace halfclosed::scenarios
