// The reference server with clients that are not ours.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "ground/socket.h"
#include "program.h"

namespace halfclosed::programs {
namespace {

using namespace std::chrono_literals;
using ground::Network;
using ground::Socket;
using testing::MatchesRegex;

/// A server on a port of its own, listening.
class DaytimeServer : public testing::Test {
 protected:
    void start(const std::string& address) {
        server_ = std::make_unique<Program>(
            "daytime-server",
            std::vector<std::string>{"--address", address, "--port", std::to_string(kPort)});
        const Network network = address == "::" ? Network::ipv6 : Network::ipv4;
        for (int attempt = 0; attempt < 500; ++attempt) {
            try {
                ground::connect(network, kPort).reset();
                server_->line_of_output();
                return;
            } catch (const std::system_error&) {
                std::this_thread::sleep_for(10ms);
            }
        }
        FAIL() << "the server does not listen";
    }

    static constexpr std::uint16_t kPort = 9'999;
    std::unique_ptr<Program> server_;
};

constexpr const char* kTimeLine =
    "[A-Z][a-z][a-z] [A-Z][a-z][a-z] [ 0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9] "
    "[0-9][0-9][0-9][0-9]\r\n";

TEST_F(DaytimeServer, SaysTheTimeAndClosesFirst) {
    start("0.0.0.0");
    Socket client = ground::connect(Network::ipv4, kPort);
    const std::string line = client.read(1000);
    EXPECT_EQ(line.size(), 26U);
    EXPECT_THAT(line, MatchesRegex(kTimeLine));
    EXPECT_EQ(client.read(1000), "");
    EXPECT_EQ(server_->line_of_output(),
              "connection from 127.0.0.1, port " + std::to_string(client.port()) + "\n");
}

TEST_F(DaytimeServer, ServesIpv6AndIpv4OnOneAddress) {
    start("::");
    EXPECT_THAT(ground::connect(Network::ipv6, kPort).read(26), MatchesRegex(kTimeLine));
    EXPECT_THAT(server_->line_of_output(), MatchesRegex("connection from ::1, port [0-9]+\n"));
    EXPECT_THAT(ground::connect(Network::ipv4, kPort).read(26), MatchesRegex(kTimeLine));
    EXPECT_THAT(server_->line_of_output(),
                MatchesRegex("connection from ::ffff:127.0.0.1, port [0-9]+\n"));
}

TEST_F(DaytimeServer, SurvivesClientsThatReset) {
    start("0.0.0.0");
    for (int time = 0; time < 50; ++time) {
        ground::connect(Network::ipv4, kPort).reset();
    }
    EXPECT_THAT(ground::connect(Network::ipv4, kPort).read(26), MatchesRegex(kTimeLine));
}

TEST_F(DaytimeServer, ListensAgainWhileItsConnectionsAreInTimeWait) {
    start("0.0.0.0");
    Socket client = ground::connect(Network::ipv4, kPort);
    EXPECT_EQ(client.read(26).size(), 26U);
    EXPECT_EQ(client.read(1), "");
    client.close();
    server_.reset();
    start("0.0.0.0");
    EXPECT_EQ(ground::connect(Network::ipv4, kPort).read(26).size(), 26U);
}

TEST_F(DaytimeServer, SaysWhyItCannotListen) {
    start("0.0.0.0");
    Program second("daytime-server", {});
    EXPECT_EQ(second.end(), 1);
    EXPECT_EQ(second.errors(), "daytime-server: bind 0.0.0.0:9999: Address already in use\n");
}

}  // namespace
}  // namespace halfclosed::programs
