// What the lab leaves behind: nothing, however it ends; and what it says if it cannot begin.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "lab_ground.h"
#include "posix/file.h"
#include "scenarios/definition/catalogue.h"
#include "scenarios/run/lab.h"
#include "scenarios/run/sandbox.h"

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

LabOptions life_options() {
    LabOptions options;
    options.programs = find_programs();
    return options;
}

/// One that lasts long enough to be disturbed.
const Scenario& long_scenario() {
    return *find_scenario("late-close-after-expiry");
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Whether this process has no child any more, dead or alive; waits at most five seconds for it.
bool childless() {
    for (int attempt = 0; attempt < 500; ++attempt) {
        while (waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        if (waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD) {
            return true;
        }
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

TEST(LabLife, ARunLeavesNoProcessAndNoDescriptor) {
    const std::size_t before = open_descriptors();
    for (int time = 0; time < 3; ++time) {
        EXPECT_TRUE(run(*find_scenario("close-at-once"), life_options()).verdict.passed());
    }
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_TRUE(childless());
}

TEST(LabLife, ARunThatIsStoppedLeavesNothing) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const posix::Descriptor stop(ends[0]);
    const posix::Descriptor stopper(ends[1]);
    LabOptions stoppable = life_options();
    stoppable.stop = stop.get();
    stoppable.on_progress = [&stopper](const Trace& trace) {
        if (!trace.observations.empty()) {
            [[maybe_unused]] const auto written = write(stopper.get(), "x", 1);
        }
    };
    const auto began = std::chrono::steady_clock::now();
    EXPECT_THROW(run_once(long_scenario(), stoppable), StoppedError);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1500ms);
    EXPECT_TRUE(childless());
}

/// The runner is killed and cannot clean up: its sandbox and all in it become children of the nearest subreaper,
/// which is this process, and must end by themselves.
TEST(LabLife, ARunnerThatIsKilledLeavesNothing) {
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t runner = fork();
    ASSERT_GE(runner, 0);
    if (runner == 0) {
        LabOptions followed = life_options();
        followed.on_progress = [&ends](const Trace& trace) {
            if (!trace.observations.empty()) {
                [[maybe_unused]] const auto written = write(ends[1], "x", 1);
            }
        };
        run_once(long_scenario(), followed);
        _exit(0);
    }
    close(ends[1]);
    char byte = 0;
    ASSERT_EQ(read(ends[0], &byte, 1), 1) << "the scenario did not begin";
    close(ends[0]);
    ASSERT_EQ(kill(runner, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(runner, &status, 0), runner);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_TRUE(childless());
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST(LabLife, AStepThatIsNeverDueEndsInAVerdict) {
    Scenario scenario = long_scenario();
    scenario.steps[0].when.server = TcpState::closing;
    scenario.limit = {false, 500ms};
    const scenarios::Run outcome = run(scenario, life_options());
    EXPECT_THAT(outcome.verdict.why(),
                HasSubstr("given up after 500.0 ms: waited to send SIGINT with server "
                          "fin_wait2, client close_wait"));
    EXPECT_TRUE(childless());
}

TEST(LabLife, AClientThatEndsBeforeItConnectsIsQuoted) {
    Scenario scenario = long_scenario();
    scenario.actors.client.script.clear();
    scenario.actors.client.flags = {"--then", "fly"};
    const scenarios::Run outcome = run(scenario, life_options());
    EXPECT_THAT(outcome.verdict.why(),
                AllOf(HasSubstr("the client ended too early"), HasSubstr("--then")));
}

TEST(LabLife, AProgramThatIsNotThereIsNamed) {
    LabOptions lost = life_options();
    lost.programs = "/nowhere";
    const scenarios::Run outcome = run(long_scenario(), lost);
    EXPECT_THAT(outcome.verdict.why(),
                AllOf(HasSubstr("/nowhere/daytime-server"), HasSubstr("No such file")));
}

TEST(LabLife, ASysctlThatTheKernelRefusesIsNamed) {
    Scenario scenario = long_scenario();
    scenario.sysctls["net.ipv4.tcp_no_such_thing"] = "1";
    EXPECT_THAT(run(scenario, life_options()).verdict.why(),
                HasSubstr("net.ipv4.tcp_no_such_thing = 1"));
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    file << text << std::flush;
    if (!file) {
        throw std::system_error(errno, std::generic_category(), path);
    }
}

void drop_capabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2]{};
    if (syscall(SYS_capset, &header, none) < 0) {
        throw std::system_error(errno, std::generic_category(), "capset");
    }
}

/// A system that allows no user namespace: made of one that does, with the limit set inside it.
TEST(LabLife, ASystemThatForbidsNamespacesIsToldWhatToChange) {
    const std::string said = in_child([] {
        const std::string user = std::to_string(geteuid());
        const std::string group = std::to_string(getegid());
        if (unshare(CLONE_NEWUSER) < 0) {
            throw std::system_error(errno, std::generic_category(), "unshare");
        }
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", "0 " + user + " 1");
        write_file("/proc/self/gid_map", "0 " + group + " 1");
        write_file("/proc/sys/user/max_user_namespaces", "0");
        drop_capabilities();
        try {
            run(long_scenario(), life_options());
        } catch (const RefusedError& refused) {
            return std::string("refused: ") + refused.what();
        }
        return std::string("not refused");
    });
    EXPECT_THAT(said,
                AllOf(StartsWith("refused: the scenarios need a network namespace of their own"),
                      HasSubstr("raise user.max_user_namespaces from 0")));
}

}  // namespace
}  // namespace halfclosed::scenarios
