#include "scenarios/performer.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace halfclosed::scenarios {

namespace {

/// Where the program finds its end of the report pipe.
constexpr int kReportDescriptor = 3;

/// What posix_spawn(3) is told: which descriptors the program gets, and that it starts with no
/// signal blocked or ignored, whoever started us.
class SpawnPlan {
 public:
    SpawnPlan(int errors, int reports) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, reports, kReportDescriptor);
        posix_spawnattr_init(&attributes_);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        sigfillset(&signals);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnPlan() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&actions_);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
    posix_spawn_file_actions_t actions_;
    posix_spawnattr_t attributes_;
};

pid_t spawn(const std::filesystem::path& program, const std::vector<std::string>& flags,
            int reports, int errors) {
    std::vector<std::string> arguments{program.filename()};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.insert(arguments.end(), {"--report-fd", std::to_string(kReportDescriptor)});
    std::vector<char*> pointers;
    for (std::string& argument : arguments) {
        pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);

    const SpawnPlan plan(errors, reports);
    pid_t pid = 0;
    const int error = posix_spawn(&pid, program.c_str(), plan.actions(), plan.attributes(),
                                  pointers.data(), environ);
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), program);
    }
    return pid;
}

}  // namespace

Performer::Pipe Performer::make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    return {host::Descriptor(ends[0]), host::Descriptor(ends[1])};
}

Performer::Performer(const std::filesystem::path& program, const std::vector<std::string>& flags)
    : Performer(program, flags, make_pipe(), make_pipe()) {
}

Performer::Performer(const std::filesystem::path& program, const std::vector<std::string>& flags,
                     Pipe reports, Pipe errors)
    : pid_(spawn(program, flags, reports.write.get(), errors.write.get())),
      reports_(std::move(reports.read)),
      errors_(std::move(errors.read)) {
}

std::vector<programs::Call> Performer::take_calls() {
    std::vector<programs::Call> calls;
    reports_.read([&calls](const std::string& line) {
        if (const auto call = programs::parse_call(line)) {
            calls.push_back(*call);
        }
    });
    return calls;
}

void Performer::signal(int number) const {
    if (pid_ != 0) {
        kill(pid_, number);
    }
}

std::optional<Exit> Performer::take_end() {
    int status = 0;
    if (pid_ == 0 || waitpid(pid_, &status, WNOHANG) != pid_) {
        return std::nullopt;
    }
    pid_ = 0;
    return WIFSIGNALED(status) ? Exit{true, WTERMSIG(status)} : Exit{false, WEXITSTATUS(status)};
}

std::string Performer::last_words() {
    errors_.read([this](const std::string& line) { last_words_ = line; });
    return last_words_;
}

}  // namespace halfclosed::scenarios
