#include "service/scenario_queue.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace halfclosed::control {
namespace {

using namespace std::chrono_literals;

/// A queue whose lab is a shell: the job's name is the script.
class ScenarioQueueTest : public testing::Test {
 protected:
    ScenarioQueueTest() {
        std::string name = (std::filesystem::temp_directory_path() / "queue-XXXXXX").string();
        directory_ = mkdtemp(name.data());
        deadline_ = loop_.timer([this] {
            ADD_FAILURE() << "it takes too long";
            loop_.stop(1);
        });
        deadline_.set(20s);
    }
    ~ScenarioQueueTest() override { std::filesystem::remove_all(directory_); }

    std::optional<ScenarioQueue::JobId> place(const std::string& script,
                                              std::chrono::nanoseconds limit = 10s) {
        return queue_.place({script, {}, limit, false, from_root_},
                            {[this](const std::string& line) { lines_.push_back(line); },
                             [this] {
                                 if (++ended_ == wanted_) {
                                     loop_.stop(0);
                                 }
                             }});
    }

    void run_until_ended(int wanted) {
        wanted_ = wanted;
        loop_.run();
    }

    struct Judged {
        std::string scenario;
        ScenarioQueue::Verdict verdict;
    };

    bool from_root_ = true;
    std::filesystem::path directory_;
    EventLoop loop_;
    EventLoop::EventSource deadline_;
    std::vector<Judged> verdicts_;
    std::vector<std::string> lines_;
    int ended_ = 0;
    int wanted_ = 0;
    ScenarioQueue queue_{
        loop_,
        {"/bin/sh", "-c"},
        [this](const ScenarioQueue::Job& job, const ScenarioQueue::Verdict& verdict) {
            verdicts_.push_back({job.scenario, verdict});
        }};
};

constexpr const char* kPass =
    R"(echo '{"fact":"attempt"}'; echo '{"schema":"halfclosed.scenario/1","result":"pass","why":null}')";
constexpr const char* kFail =
    R"(echo '{"schema":"halfclosed.scenario/1","result":"fail","why":"no RST"}'; exit 1)";

TEST_F(ScenarioQueueTest, TellsTheStoryAndTheVerdict) {
    place(kPass);
    run_until_ended(1);
    ASSERT_EQ(lines_.size(), 2U);
    EXPECT_EQ(lines_[0], R"({"fact":"attempt"})");
    ASSERT_EQ(verdicts_.size(), 1U);
    EXPECT_EQ(verdicts_[0].verdict.result, ScenarioQueue::Result::pass);
    EXPECT_EQ(queue_.length(), 0U);
}

TEST_F(ScenarioQueueTest, AFailureHasItsReason) {
    place(kFail);
    run_until_ended(1);
    ASSERT_EQ(verdicts_.size(), 1U);
    EXPECT_EQ(verdicts_[0].verdict.result, ScenarioQueue::Result::fail);
    EXPECT_EQ(verdicts_[0].verdict.why, "no RST");
}

TEST_F(ScenarioQueueTest, WithoutAVerdictItWasNotRun) {
    struct Case {
        const char* script;
        const char* why;
    };
    const Case cases[] = {
        {"exit 3", "the lab ended with status 3 and gave no verdict"},
        {"kill -KILL $$", "the lab was ended by signal 9 and gave no verdict"},
        {R"(echo '{"fact":"refusal","what":"not allowed"}'; exit 1)", "not allowed"},
        {R"(echo 'no JSON'; echo '[]'; echo '{"schema":7,"fact":{}}'; exit 0)",
         "the lab ended with status 0 and gave no verdict"},
        {R"(echo '{"schema":"halfclosed.scenario/1","result":"fail","why":"gaps","conclusive":false}')",
         "gaps"},
    };
    for (const Case& each : cases) {
        place(each.script);
    }
    run_until_ended(static_cast<int>(std::size(cases)));
    ASSERT_EQ(verdicts_.size(), std::size(cases));
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        EXPECT_EQ(verdicts_[i].verdict.result, ScenarioQueue::Result::not_run) << cases[i].script;
        EXPECT_EQ(verdicts_[i].verdict.why, cases[i].why);
    }
}

TEST_F(ScenarioQueueTest, OneRunsAtATime) {
    const std::string lock = (directory_ / "lock").string();
    const std::string alone = "mkdir " + lock + " && sleep 0.05 && rmdir " + lock + " && " + kPass;
    for (int i = 0; i < 4; ++i) {
        place(alone);
    }
    run_until_ended(4);
    ASSERT_EQ(verdicts_.size(), 4U);
    for (const Judged& judged : verdicts_) {
        EXPECT_EQ(judged.verdict.result, ScenarioQueue::Result::pass) << judged.verdict.why;
    }
}

TEST_F(ScenarioQueueTest, SoManyMayWaitAndNoMore) {
    for (std::size_t i = 0; i < 1 + ScenarioQueue::kWaiting; ++i) {
        EXPECT_TRUE(place("exit 0")) << i;
    }
    EXPECT_FALSE(place("exit 0"));
    run_until_ended(static_cast<int>(1 + ScenarioQueue::kWaiting));
    EXPECT_TRUE(place("exit 0"));
}

// Who fills the queue does not lock the administrator out: root has places of its own.
TEST_F(ScenarioQueueTest, PlacesAreKeptForRoot) {
    constexpr std::size_t kOthers = ScenarioQueue::kWaiting - ScenarioQueue::kKeptForRoot;
    from_root_ = false;
    for (std::size_t i = 0; i < 1 + kOthers; ++i) {
        EXPECT_TRUE(place("exit 0")) << i;
    }
    EXPECT_FALSE(place("exit 0"));
    from_root_ = true;
    EXPECT_TRUE(place("exit 0"));
    EXPECT_TRUE(place("exit 0"));
    EXPECT_FALSE(place("exit 0"));
}

TEST_F(ScenarioQueueTest, ACancelledRunIsEndedAndNotCounted) {
    const std::string mark = (directory_ / "mark").string();
    const auto id =
        place("trap 'touch " + mark + "; exit' TERM; echo up; while :; do sleep 0.01; done");
    EventLoop::EventSource soon = loop_.timer([&] { queue_.cancel(*id); });
    soon.set(300ms);
    place(kPass);  // the next one's turn comes
    run_until_ended(1);
    EXPECT_TRUE(std::filesystem::exists(mark)) << "it was not asked to end";
    ASSERT_EQ(verdicts_.size(), 1U);
    EXPECT_EQ(verdicts_[0].verdict.result, ScenarioQueue::Result::pass);
}

TEST_F(ScenarioQueueTest, AnAudienceMayGoWhileItIsBeingTold) {
    std::optional<ScenarioQueue::JobId> id;
    const auto on_event = std::make_shared<int>(0);
    id = queue_.place({"echo one; echo two; sleep 5", {}, 10s, false, false},
                      {[this, &id, on_event](const std::string&) {
                           queue_.cancel(*id);
                           ++*on_event;  // what this has captured is still there
                       },
                       {}});
    place(kPass);
    run_until_ended(1);
    EXPECT_EQ(*on_event, 1);
    EXPECT_EQ(verdicts_.size(), 1U);
}

TEST_F(ScenarioQueueTest, OneThatDoesNotWantToEndIsEndedByForce) {
    const auto id = place("trap '' TERM; echo up; while :; do sleep 0.01; done");
    EventLoop::EventSource soon = loop_.timer([&] { queue_.cancel(*id); });
    soon.set(300ms);
    place(kPass);
    run_until_ended(1);
    EXPECT_EQ(verdicts_.size(), 1U);
}

TEST_F(ScenarioQueueTest, ARunThatIsCancelledWhileItWaitsNeverStarts) {
    const std::string mark = (directory_ / "mark").string();
    place("sleep 0.1");
    const auto id = place("touch " + mark);
    queue_.cancel(*id);
    place(kPass);
    run_until_ended(2);
    EXPECT_FALSE(std::filesystem::exists(mark));
    EXPECT_EQ(verdicts_.size(), 2U);
}

TEST_F(ScenarioQueueTest, ARunOverItsTimeIsEnded) {
    place("while :; do sleep 0.01; done", 200ms);
    run_until_ended(1);
    ASSERT_EQ(verdicts_.size(), 1U);
    EXPECT_EQ(verdicts_[0].verdict.result, ScenarioQueue::Result::not_run);
    EXPECT_EQ(verdicts_[0].verdict.why, "the run did not end in time");
}

TEST_F(ScenarioQueueTest, TheChildHasNothingOfOursButItsOutput) {
    setenv("HALFCLOSED_PORT", "nonsense", 1);
    place(
        "ls /proc/self/fd | tr '\\n' ' '; echo; env | cut -d= -f1 | sort | tr '\\n' ' '; echo; "
        "cat");
    run_until_ended(1);
    unsetenv("HALFCLOSED_PORT");
    ASSERT_EQ(lines_.size(), 3U);
    EXPECT_EQ(lines_[0], "0 1 2 3 ");  // 3 is ls's own
    EXPECT_EQ(lines_[1].find("HALFCLOSED"), std::string::npos) << lines_[1];
}

}  // namespace
}  // namespace halfclosed::control
