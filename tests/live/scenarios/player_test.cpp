// Scripts of packetdrill's language on this kernel: those of tests/fixtures/packetdrill say what it does, and two of them
// what it does not.

#include "scenarios/player/play.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "posix/file.h"
#include "scenarios/packetdrill/script_parser.h"
#include "scenarios/run/sandbox.h"

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using packetdrill::Outcome;
using packetdrill::Result;
using testing::HasSubstr;

Result played(const std::string& script, const std::string& path = "script.pkt") {
    return play(packetdrill::parse_script(script, path), path, {5s, -1});
}

Result played_file(const std::string& name) {
    const std::string path = std::string(HALFCLOSED_SCRIPTS "/") + name;
    return played(posix::read_file(path), path);
}

class Player : public testing::Test {
 protected:
    void SetUp() override {
        if (!posix::Descriptor(open("/dev/net/tun", O_RDWR | O_CLOEXEC))) {
            GTEST_SKIP() << "no TUN device for this user";
        }
    }
};

class EachScript : public Player, public testing::WithParamInterface<const char*> {};

TEST_P(EachScript, Passes) {
    const Result result = played_file(GetParam() + std::string(".pkt"));
    EXPECT_EQ(result.outcome, Outcome::passed) << reason(result);
    EXPECT_GE(judged(result), 5U);
    EXPECT_EQ(judged(result), result.steps.size());
}

INSTANTIATE_TEST_SUITE_P(Closing, EachScript,
                         testing::Values("half_close", "late_data", "peer_closes_first",
                                         "simultaneous_close", "time_wait"));

TEST_F(Player, TellsTheLineThatTheKernelContradicts) {
    const Result result = played_file("wrong_answer.pkt");
    EXPECT_EQ(result.outcome, Outcome::failed);
    EXPECT_EQ(result.line, 14U);
    EXPECT_THAT(result.why, HasSubstr("expected > . 1:1(0) ack 1, got > F. 1:1(0) ack 1"));
    ASSERT_FALSE(result.steps.empty());
    EXPECT_FALSE(result.steps.back().passed);
}

TEST_F(Player, TellsTheAssertionThatDoesNotHold) {
    const Result result = played_file("wrong_state.pkt");
    EXPECT_EQ(result.outcome, Outcome::failed);
    EXPECT_EQ(reason(result), "line 13: expected tcpi_state == 8, got 1");
}

TEST_F(Player, TellsTheCallThatReturnsSomethingElse) {
    EXPECT_EQ(reason(played(
                  "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 shutdown(3, SHUT_WR) = 0\n")),
              "line 2: expected shutdown() = 0, got -1 ENOTCONN");
    EXPECT_EQ(reason(played("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                            "+0 getsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], [4]) = 0\n")),
              "line 2: getsockopt() stored [0]");
}

TEST_F(Player, TellsTheSegmentThatNeverComes) {
    const Result result =
        play(packetdrill::parse_script(
                 "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n"
                 "+0 listen(3, 1) = 0\n+0 < R 1:1(0)\n+0 > R 1:1(0)\n",
                 "script.pkt"),
             "script.pkt", {10ms, -1});
    EXPECT_EQ(reason(result), "line 5: expected > R 1:1(0), got nothing");
}

TEST_F(Player, TellsWhatItDoesNotPlayBeforeItBegins) {
    const Result result = played_file("not_played.pkt");
    EXPECT_EQ(result.outcome, Outcome::not_supported);
    EXPECT_EQ(reason(result), "line 3: the call epoll_create()");
    EXPECT_EQ(reason(played("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                            "+0 `sysctl -q net.ipv4.there_is_no_such_sysctl=1`\n")),
              "line 2: net.ipv4.there_is_no_such_sysctl = 1: No such file or directory");
}

TEST_F(Player, TellsAnArgumentThatACallDoesNotTake) {
    const Result result = played(
        "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
        "+0 getsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=0, linger=0}, [8]) = 0\n");
    EXPECT_EQ(result.outcome, Outcome::not_supported);
    EXPECT_EQ(reason(result), "line 2: such an argument");
}

/// The sysctls of a script are those of its own namespace.
TEST_F(Player, LeavesNothingBehind) {
    const std::string before = posix::read_file("/proc/sys/net/ipv4/tcp_fin_timeout");
    const Result result = played(
        "0 `sysctl -q net.ipv4.tcp_fin_timeout=7`\n"
        "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n");
    EXPECT_EQ(result.outcome, Outcome::passed) << reason(result);
    EXPECT_EQ(posix::read_file("/proc/sys/net/ipv4/tcp_fin_timeout"), before);
}

}  // namespace
}  // namespace halfclosed::scenarios
