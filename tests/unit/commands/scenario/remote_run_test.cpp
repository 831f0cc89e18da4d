#include "commands/scenario/remote_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "control/control_client.h"
#include "scenarios/definition/catalogue.h"
#include "scenarios/run/sandbox.h"
#include "scenarios/trace/trace_line.h"

namespace halfclosed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kFailed =
    "{\"schema\":\"halfclosed.scenario/1\",\"result\":\"fail\",\"why\":\"first; second\"}";

/// The recorded lines of a run on a real kernel, as a daemon would send them.
std::vector<std::string> recorded_lines(const std::string& scenario) {
    std::ifstream file(HALFCLOSED_FIXTURES "/scenarios/" + scenario + ".6.18.facts");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    return lines;
}

class RemoteRunTest : public testing::Test {
 protected:
    scenarios::Run run_of(const std::vector<std::string>& lines) {
        RemoteRun run(*scenarios::find_scenario("late-close"), options_);
        for (const std::string& line : lines) {
            run.add_line(line);
        }
        return run.finish();
    }

    scenarios::LabOptions options_;
};

TEST_F(RemoteRunTest, IsJudgedHere) {
    std::vector<std::string> lines = recorded_lines("late-close");
    lines.insert(lines.begin(), to_line(scenarios::Attempt{"late-close", 1}));
    lines.push_back("{\"schema\":\"halfclosed.scenario/1\",\"result\":\"pass\"}");
    const scenarios::Run run = run_of(lines);
    EXPECT_TRUE(run.verdict.passed()) << run.verdict.why();
    EXPECT_EQ(run.attempts, 1U);
}

TEST_F(RemoteRunTest, HasEachFaultByItself) {
    std::vector<std::string> lines = recorded_lines("late-close");
    lines.push_back(to_line(scenarios::RunError{"a dump failed"}));
    lines.push_back(to_line(scenarios::RunError{"and another"}));
    lines.push_back(kFailed);
    EXPECT_THAT(run_of(lines).verdict.faults, ElementsAre("a dump failed", "and another"));
}

TEST_F(RemoteRunTest, WithoutAVerdictOfTheDaemonIsAnError) {
    std::vector<std::string> lines = recorded_lines("late-close");
    EXPECT_THROW(run_of(lines), control::ControlError);
    EXPECT_THROW(run_of({to_line(scenarios::Refusal{"not here"})}), scenarios::RefusedError);
}

/// The daemon may be anyone's: what it sends does not control the terminal.
TEST_F(RemoteRunTest, OfAHostileDaemonIsCleaned) {
    std::vector<std::string> lines = recorded_lines("late-close");
    lines.push_back("{\"fact\":\"trouble\",\"what\":\"\\u001b[2J\\u202egone\\u009b\"}");
    lines.push_back(kFailed);
    EXPECT_THAT(run_of(lines).verdict.faults, ElementsAre("\ufffd[2J\ufffdgone\ufffd"));
    EXPECT_THROW(run_of({"\x1b[2J"}), scenarios::TraceLineError);
    for (const char* line :
         {"[]", "7", "{\"fact\":7}", "{\"schema\":7}", "{\"fact\":\"queued\",\"ahead\":[]}"}) {
        try {
            run_of({line});
            ADD_FAILURE() << line;
        } catch (const std::exception& error) {
            EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos) << line;
        }
    }
}

}  // namespace
}  // namespace halfclosed
