// The reference programs with scripts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <sstream>

#include "program.h"
#include "scenarios/programs/call.h"

namespace halfclosed::programs {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kPort = "9997";

std::unique_ptr<Program> start(const std::string& program, const std::vector<std::string>& steps) {
    std::vector<std::string> flags{"--port", kPort, "--report-fd", "3"};
    for (const std::string& step : steps) {
        flags.insert(flags.end(), {"--do", step});
    }
    return std::make_unique<Program>(program, flags);
}

/// A server that listens by now, which it has reported.
std::unique_ptr<Program> serve(const std::vector<std::string>& steps) {
    auto server = start("daytime-server", steps);
    EXPECT_THAT(server->line_of_report(), StartsWith("listen 0 0 "));
    return server;
}

/// "read() = 26", one after another. For use after end().
std::vector<std::string> calls(Program& program) {
    std::vector<std::string> texts;
    std::istringstream lines(program.snapshots());
    for (std::string line; std::getline(lines, line);) {
        const auto call = parse_call(line);
        texts.push_back(call ? to_string(*call) : "not a call: " + line);
    }
    return texts;
}

TEST(ScriptLive, BothDoAsTheyAreTold) {
    const auto server =
        serve({"accept", "write 26", "read", "shutdown write", "read to end", "close", "exit 3"});
    const auto client = start(
        "daytime-client", {"connect", "read", "write 5000", "read to end", "sleep 50ms", "close"});
    EXPECT_EQ(client->end(), 0);
    EXPECT_EQ(server->end(), 3);
    EXPECT_THAT(calls(*client), ElementsAre("connect() = 0", "read() = 26", "write() = 5000",
                                            "read() = 0", "close() = 0"));
    const std::vector<std::string> made = calls(*server);
    EXPECT_THAT(made, ElementsAre(StartsWith("accept() = "), "write() = 26", "read() = 4096",
                                  "shutdown() = 0", "read() = 904", "read() = 0", "close() = 0"));
}

TEST(ScriptLive, AFailedCallIsFollowedByTheNextStep) {
    const auto client = start("daytime-client", {"connect", "write 4", "exit 7"});
    EXPECT_EQ(client->end(), 7);
    EXPECT_THAT(calls(*client), ElementsAre("connect() = -1 ECONNREFUSED", "write() = -1 EPIPE"));
}

TEST(ScriptLive, ASignalThatComesEarlyIsWaitedForNoMore) {
    const auto server = serve({"wait SIGUSR1", "accept", "wait SIGUSR2", "close"});
    server->signal(SIGUSR2);
    server->signal(SIGUSR1);
    const auto client = start("daytime-client", {"connect", "read to end"});
    EXPECT_EQ(server->end(), 0);
    EXPECT_EQ(client->end(), 0);
}

TEST(ScriptLive, WhatIsNotWaitedForEndsTheProgram) {
    const auto server = serve({"wait SIGUSR1", "pause"});
    server->signal(SIGINT);
    EXPECT_EQ(server->end(), -SIGINT);
}

TEST(ScriptLive, DropIncomingLosesWhatDropNothingThenLetsIn) {
    const auto server = serve({"accept", "drop incoming", "sleep 500ms", "drop nothing", "read"});
    const auto began = std::chrono::steady_clock::now();
    // Linger: close() returns when the server has acknowledged what was written.
    const auto client =
        start("daytime-client", {"connect", "linger 10", "sleep 100ms", "write 4", "close"});
    EXPECT_EQ(client->end(), 0);
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_EQ(server->end(), 0);
    EXPECT_GE(took, 300ms);
    EXPECT_LT(took, 5s);
    EXPECT_THAT(calls(*server), Each(Not(HasSubstr("-1"))));
}

TEST(ScriptLive, LingerZeroResets) {
    const auto server = serve({"accept", "linger 0", "close"});
    const auto client = start("daytime-client", {"connect", "read to end"});
    EXPECT_EQ(server->end(), 0);
    EXPECT_EQ(client->end(), 0);
    EXPECT_THAT(calls(*client), ElementsAre("connect() = 0", "read() = -1 ECONNRESET"));
}

}  // namespace
}  // namespace halfclosed::programs
