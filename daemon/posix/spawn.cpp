#include "posix/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <system_error>

#include "posix/system_call.h"

namespace halfclosed::posix {

namespace {

/// What posix_spawn(3) is told of descriptors and signals.
class Plan {
 public:
    explicit Plan(const std::vector<std::pair<int, int>>& descriptors) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        int last = STDERR_FILENO;
        for (const auto& [ours, its] : descriptors) {
            posix_spawn_file_actions_adddup2(&actions_, ours, its);
            last = std::max(last, its);
        }
        // Whatever the parent has left open.
        posix_spawn_file_actions_addclosefrom_np(&actions_, last + 1);
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

    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

std::vector<std::string> environment() {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        variables.emplace_back(*variable);
    }
    return variables;
}

pid_t spawn(const Program& program) {
    std::vector<std::string> arguments = program.arguments;
    arguments.insert(arguments.begin(), program.path.substr(program.path.rfind('/') + 1));
    std::vector<std::string> variables = program.environment;
    const Plan plan(program.descriptors);
    pid_t pid = 0;
    const int error = posix_spawn(&pid, program.path.c_str(), plan.actions(), plan.attributes(),
                                  pointers_to(arguments).data(), pointers_to(variables).data());
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), program.path);
    }
    return pid;
}

Pipe make_pipe() {
    int ends[2];
    check("pipe", ::pipe2(ends, O_CLOEXEC));
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace halfclosed::posix
