// The reference client with servers that are not ours.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <sstream>
#include <thread>

#include "ground/socket.h"
#include "program.h"
#include "scenarios/programs/call.h"

namespace halfclosed::programs {
namespace {

using namespace std::chrono_literals;
using ground::Network;
using ground::Socket;
using testing::ElementsAre;

/// A server of the test's, and the client that was told to connect to it.
class DaytimeClient : public testing::Test {
 protected:
    void start(std::vector<std::string> flags) {
        flags.insert(flags.end(), {"--port", std::to_string(listener_.port()), "--report-fd", "3"});
        client_ = std::make_unique<Program>("daytime-client", flags);
        server_ = ground::accept(listener_);
    }

    /// "read() = 26", one after another.
    std::vector<std::string> calls() {
        std::vector<std::string> texts;
        std::istringstream lines(client_->snapshots());
        for (std::string line; std::getline(lines, line);) {
            const auto call = parse_call(line);
            if (!call) {
                texts.push_back("not a call: " + line);
                continue;
            }
            EXPECT_LE(call->began, call->ended);
            texts.push_back(to_string(*call));
        }
        return texts;
    }

    Socket listener_ = ground::listen(Network::ipv4, 0);
    std::unique_ptr<Program> client_;
    Socket server_;
};

TEST_F(DaytimeClient, PrintsItsAddressAndAllThatItReads) {
    start({});
    const std::string line = client_->line_of_output();
    EXPECT_EQ(line.substr(0, 22), "local addr: 127.0.0.1:") << line;
    std::string sent;
    for (int part = 0; part < 3; ++part) {
        const std::string text(3000, static_cast<char>('a' + part));
        server_.write(text);
        sent += text;
    }
    server_.write("\x1b[2J\xff");  // into a pipe byte by byte as it came
    server_.close();
    EXPECT_EQ(client_->end(), 0);
    EXPECT_EQ(client_->output(), sent + "\x1b[2J\xff");
    const std::vector<std::string> made = calls();
    ASSERT_GE(made.size(), 4U);
    EXPECT_EQ(made.front(), "connect() = 0");
    EXPECT_EQ(made[made.size() - 2], "read() = 0");
    EXPECT_EQ(made.back(), "close() = 0");
}

TEST_F(DaytimeClient, TellsPeopleWhatItsCallsReturned) {
    start({});
    server_.close();
    EXPECT_EQ(client_->end(), 0);
    EXPECT_EQ(client_->errors(), "connect() = 0\nread() = 0\nclose() = 0\n");
}

TEST_F(DaytimeClient, WritesToAServerThatOnlyHalfClosed) {
    start({"--then", "write"});
    server_.shut_down();
    EXPECT_EQ(server_.read(8).substr(0, 4), "late");
    EXPECT_EQ(client_->end(), 0);
    EXPECT_THAT(calls(), ElementsAre("connect() = 0", "read() = 0", "write() = 4", "write() = 4",
                                     "close() = 0"));
}

TEST_F(DaytimeClient, WritesToAServerThatIsGone) {
    start({"--then", "write"});
    server_.close();
    EXPECT_EQ(client_->end(), 0);
    EXPECT_THAT(calls(), ElementsAre("connect() = 0", "read() = 0", "write() = 4",
                                     "write() = -1 EPIPE", "close() = 0"));
}

TEST_F(DaytimeClient, SleepsUntilASignalEndsIt) {
    start({"--then", "sleep"});
    server_.close();
    std::this_thread::sleep_for(100ms);
    client_->signal(SIGINT);
    EXPECT_EQ(client_->end(), -SIGINT);
    EXPECT_THAT(calls(), ElementsAre("connect() = 0", "read() = 0"));
}

TEST_F(DaytimeClient, WaitsForASignalBeforeItGoesOn) {
    start({"--then", "close", "--on", "SIGUSR1"});
    client_->signal(SIGUSR1);  // also one that comes before end-of-file
    std::this_thread::sleep_for(50ms);
    server_.close();
    EXPECT_EQ(client_->end(), 0);
    EXPECT_THAT(calls(), ElementsAre("connect() = 0", "read() = 0", "close() = 0"));
}

TEST_F(DaytimeClient, WaitsForATimeBeforeItGoesOn) {
    start({"--after", "300ms"});
    const auto began = std::chrono::steady_clock::now();
    server_.close();
    EXPECT_EQ(client_->end(), 0);
    EXPECT_GE(std::chrono::steady_clock::now() - began, 300ms);
}

TEST_F(DaytimeClient, NeverReadsWhenToldSo) {
    start({"--no-read", "--then", "sleep"});
    server_.write("something");
    server_.close();
    std::this_thread::sleep_for(100ms);
    client_->signal(SIGTERM);
    EXPECT_EQ(client_->end(), -SIGTERM);
    EXPECT_THAT(calls(), ElementsAre("connect() = 0"));
}

TEST_F(DaytimeClient, SaysThatItWasReset) {
    start({});
    server_.reset();
    EXPECT_EQ(client_->end(), 1);
    EXPECT_THAT(calls(), ElementsAre("connect() = 0", "read() = -1 ECONNRESET"));
}

TEST(DaytimeClientAlone, SaysWhyItCannotConnect) {
    Program client("daytime-client", {"127.0.0.1", "--port", "9"});
    EXPECT_EQ(client.end(), 1);
    EXPECT_EQ(client.errors(),
              "connect() = -1 ECONNREFUSED (Connection refused)\n"
              "daytime-client: connect 127.0.0.1 port 9: Connection refused\n");
}

}  // namespace
}  // namespace halfclosed::programs
