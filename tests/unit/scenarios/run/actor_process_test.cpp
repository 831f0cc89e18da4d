#include "scenarios/run/actor_process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;

class PerformerTest : public testing::Test {
 protected:
    PerformerTest() {
        std::string name = (std::filesystem::temp_directory_path() / "performer-XXXXXX").string();
        directory_ = mkdtemp(name.data());
    }
    ~PerformerTest() override { std::filesystem::remove_all(directory_); }

    std::filesystem::path program(const std::string& script) const {
        const std::filesystem::path path = directory_ / "program";
        std::ofstream(path) << "#!/bin/sh\n" << script << '\n';
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }

    /// How it ended, with its calls in between; nothing if it does not within ten seconds.
    std::optional<Exit> outlast(ActorProcess& actor) {
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (std::chrono::steady_clock::now() < deadline) {
            const auto end = actor.take_end();
            for (const programs::Call& call : actor.take_calls()) {
                calls_.push_back(call);
            }
            if (end) {
                return end;
            }
            std::this_thread::sleep_for(1ms);
        }
        return std::nullopt;
    }

    std::filesystem::path directory_;
    std::vector<programs::Call> calls_;
};

TEST_F(PerformerTest, ReportsItsCallsAndItsEnd) {
    ActorProcess actor(program("echo 'read 26 0 5 9' >&3; echo 'close 0 0 11 12' >&3; exit 3"), {});
    EXPECT_EQ(outlast(actor), (Exit{false, 3}));
    ASSERT_EQ(calls_.size(), 2U);
    EXPECT_EQ(calls_[0].name, "read");
    EXPECT_EQ(calls_[1].name, "close");
}

TEST_F(PerformerTest, OneThatTalksMoreThanAPipeHoldsIsNotStopped) {
    ActorProcess actor(
        program("i=0; while [ $i -lt 4000 ]; do echo 'a line of some thirty bytes or so' >&2; "
                "i=$((i + 1)); done; echo last words >&2; exit 1"),
        {});
    EXPECT_EQ(outlast(actor), (Exit{false, 1}));
    EXPECT_EQ(actor.last_error(), "last words");
}

}  // namespace
}  // namespace halfclosed::scenarios
