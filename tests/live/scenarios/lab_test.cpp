// The scenarios on this kernel: each passes, and none does without its cause.

#include "scenarios/run/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "lab_ground.h"
#include "posix/file.h"
#include "scenarios/definition/catalogue.h"
#include "scenarios/definition/scenario_file.h"

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

LabOptions options() {
    LabOptions options;
    options.programs = find_programs();
    return options;
}

/// "PASS", or why not.
std::string result_of(const Scenario& scenario, const LabOptions& options) {
    const Verdict verdict = run(scenario, options).verdict;
    return verdict.passed() ? "PASS" : verdict.why();
}

class EachScenario : public testing::TestWithParam<std::string> {
 protected:
    const Scenario& scenario() const { return *find_scenario(GetParam()); }
};

TEST_P(EachScenario, Passes) {
    EXPECT_EQ(result_of(scenario(), options()), "PASS");
}

TEST_P(EachScenario, PassesForAnOrdinaryUser) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "this user is one: see Passes";
    }
    const ProgramsForAll programs;
    EXPECT_EQ(in_child([&] {
                  become_nobody();
                  LabOptions nobodys = options();
                  nobodys.programs = programs.directory();
                  return result_of(scenario(), nobodys);
              }),
              "PASS");
}

TEST_P(EachScenario, PassesWithAnotherTimeout) {
    LabOptions shorter = options();
    shorter.parameters.fin_timeout = 1s;
    EXPECT_EQ(result_of(scenario(), shorter), "PASS");
}

std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const Scenario& scenario : runnable_scenarios()) {
        names.push_back(scenario.name);
    }
    return names;
}

std::string scenario_name(const testing::TestParamInfo<std::string>& info) {
    std::string name = info.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Lab, EachScenario, testing::ValuesIn(names()), scenario_name);

TEST(Lab, TheExampleOfTheManualPasses) {
    const std::string file = HALFCLOSED_EXAMPLES "/request-reply.toml";
    EXPECT_EQ(result_of(parse_scenario(posix::read_file(file), file), options()), "PASS");
}

/// A scenario without its cause, and the fault that its verdict must then name.
struct Mutation {
    const char* scenario;
    const char* how;
    std::function<void(Scenario&)> change;
    const char* why;
};

void PrintTo(const Mutation& mutation, std::ostream* out) {
    *out << mutation.scenario << ": " << mutation.how;
}

class WithoutItsCause : public testing::TestWithParam<Mutation> {};

TEST_P(WithoutItsCause, DoesNotPass) {
    Scenario scenario = *find_scenario(GetParam().scenario);
    GetParam().change(scenario);
    EXPECT_THAT(result_of(scenario, options()), HasSubstr(GetParam().why));
}

const Mutation kMutations[] = {
    {"close-at-once", "the client waits before it closes",
     [](Scenario& scenario) {
         scenario.actors.client.script = {"connect", "read to end", "sleep 200ms", "close"};
     },
     "too late for this case"},
    {"late-close", "the client closes at once",
     [](Scenario& scenario) {
         scenario.actors.client.script = {"connect", "read to end", "close"};
         scenario.steps.clear();
     },
     "client ended with exit 0, not SIGINT"},
    {"late-close", "SIGINT comes after FIN-WAIT-2 has expired",
     [](Scenario& scenario) {
         scenario.steps[0].when.server = TcpState::close;
         scenario.limit = {true, 10s};
     },
     "server went established, fin_wait1, fin_wait2, close, not"},
    {"late-close-after-expiry", "SIGINT comes in time",
     [](Scenario& scenario) { scenario.steps[0].when.server = TcpState::fin_wait2; },
     "server went established, fin_wait1, fin_wait2, time_wait, not"},
    {"write-after-eof", "the client waits before it writes",
     [](Scenario& scenario) {
         auto& script = scenario.actors.client.script;
         script.insert(script.begin() + 2, "sleep 200ms");
     },
     "TCPAbortOnData moved by 0, not by 1"},
    {"write-in-fin-wait2", "the client writes at once",
     [](Scenario& scenario) {
         std::erase(scenario.actors.client.script, "wait SIGUSR1");
         scenario.steps.clear();
     },
     "TCPAbortOnData moved by 1, not by 0"},
    {"write-after-expiry", "the client writes in time",
     [](Scenario& scenario) { scenario.steps[0].when.server = TcpState::fin_wait2; },
     "the server's fin_wait2: killed, not expired"},
    {"unread-close", "the client reads",
     [](Scenario& scenario) {
         scenario.actors.client.script = {"connect", "read to end", "pause"};
     },
     "TCPAbortOnClose moved by 0, not by 1"},
    {"orphan-fin-wait1", "the client has room for what the server writes",
     [](Scenario& scenario) {
         scenario.actors.server.script = {"accept", "write 26", "close", "pause"};
         scenario.limit = {false, 1s};
     },
     "waited to send SIGUSR1 with server fin_wait2, client close_wait"},
    {"not-accepted", "the server accepts",
     [](Scenario& scenario) {
         scenario.actors.server.script = {"accept", "pause"};
     },
     "server's close_wait was held by process, not by accept_queue"},
    {"never-closed", "the server closes",
     [](Scenario& scenario) {
         scenario.actors.server.script = {"accept", "write 26", "read to end", "close", "pause"};
         scenario.limit = {false, 1s};
     },
     "waited to send SIGTERM with server close, client time_wait"},
    {"simultaneous-close", "the server's FIN arrives at once",
     [](Scenario& scenario) {
         scenario.actors.client.script[1] = "drop nothing";
         scenario.limit = {false, 1s};
     },
     "waited to send SIGUSR1 with server fin_wait2, client close_wait"},
    {"silent-peer", "the server answers",
     [](Scenario& scenario) { scenario.actors.server.script[4] = "drop nothing"; },
     "server went established, fin_wait1, fin_wait2, time_wait, not"},
    {"held-fin-wait2", "the server closes its descriptor",
     [](Scenario& scenario) {
         scenario.actors.server.script[2] = "close";
         scenario.actors.server.script.erase(scenario.actors.server.script.begin() + 3,
                                             scenario.actors.server.script.begin() + 5);
         scenario.limit = {true, 1s};
     },
     "waited to send SIGUSR1 with server close, client close_wait"},
    {"time-wait-assassination", "the kernel is told to protect its TIME-WAIT",
     [](Scenario& scenario) { scenario.sysctls["net.ipv4.tcp_rfc1337"] = "1"; },
     "server went established, fin_wait1, fin_wait2, time_wait, not"},
};

std::string mutation_name(const testing::TestParamInfo<Mutation>& info) {
    std::string name = info.param.scenario;
    std::replace(name.begin(), name.end(), '-', '_');
    return name + "_" + std::to_string(info.index);
}

INSTANTIATE_TEST_SUITE_P(Lab, WithoutItsCause, testing::ValuesIn(kMutations), mutation_name);

}  // namespace
}  // namespace halfclosed::scenarios
