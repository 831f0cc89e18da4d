#include "contender.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace halfclosed::bench {

namespace {

double now(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double milliseconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

/// CPU time of the program, or -1 when it fails.
double run(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    const int error =
        posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    rusage usage{};
    if (error != 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
        return -1;
    }
    return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

/// Milliseconds that all threads of a process have had, those that have ended left out.
double cpu_of(pid_t process) {
    double sum = 0;
    for (const auto& thread :
         std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
        double nanoseconds = 0;
        std::ifstream(thread.path() / "schedstat") >> nanoseconds;
        sum += nanoseconds;
    }
    return sum / 1e6;
}

double median_of(std::vector<double> values) {
    if (values.empty()) {
        return 0;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Writes more than the largest cache holds.
void cool_caches() {
    constexpr std::size_t kLine = 64;
    static std::vector<char> much(96 * 1024 * 1024);
    for (std::size_t i = 0; i < much.size(); i += kLine) {
        ++much[i];
    }
}

}  // namespace

Cost Contender::median() const {
    std::vector<double> cpu;
    std::vector<double> wall;
    for (const Cost& cost : costs) {
        cpu.push_back(cost.cpu);
        wall.push_back(cost.wall);
    }
    return {median_of(cpu), median_of(wall)};
}

Contender own(const std::string& name, const std::function<void()>& look) {
    return {name,
            [look] {
                const double cpu = now(CLOCK_THREAD_CPUTIME_ID);
                const double wall = now(CLOCK_MONOTONIC);
                look();
                return Cost{now(CLOCK_THREAD_CPUTIME_ID) - cpu, now(CLOCK_MONOTONIC) - wall};
            },
            {}};
}

Contender program(const std::string& name, const std::vector<std::string>& command) {
    return {name,
            [name, command] {
                const double wall = now(CLOCK_MONOTONIC);
                const double cpu = run(command);
                if (cpu < 0) {
                    throw std::runtime_error(name + " failed");
                }
                return Cost{cpu, now(CLOCK_MONOTONIC) - wall};
            },
            {}};
}

Contender server(const std::string& name, pid_t process, const std::vector<std::string>& command) {
    return {name,
            [name, process, command] {
                const double wall = now(CLOCK_MONOTONIC);
                const double cpu = cpu_of(process);
                if (run(command) < 0) {
                    throw std::runtime_error(name + " does not answer");
                }
                return Cost{cpu_of(process) - cpu, now(CLOCK_MONOTONIC) - wall};
            },
            {}};
}

void compete(std::vector<Contender>& contenders, unsigned rounds) {
    for (unsigned round = 0; round < rounds; ++round) {
        for (std::size_t turn = 0; turn < contenders.size(); ++turn) {
            Contender& contender = contenders[(turn + round) % contenders.size()];
            cool_caches();
            contender.costs.push_back(contender.look());
        }
    }
}

}  // namespace halfclosed::bench
