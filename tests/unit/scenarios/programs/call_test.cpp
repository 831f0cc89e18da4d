#include "scenarios/programs/call.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

#include "scenarios/programs/signal_name.h"

namespace halfclosed::programs {
namespace {

using namespace std::chrono_literals;

TEST(Call, ReadsLikeStrace) {
    EXPECT_EQ(to_string({"read", 26, 0, 0ns, 0ns}), "read() = 26");
    EXPECT_EQ(to_string({"write", -1, EPIPE, 0ns, 0ns}), "write() = -1 EPIPE");
    EXPECT_EQ(to_string({"write", -1, 4711, 0ns, 0ns}), "write() = -1 errno 4711");
}

TEST(Call, LineGoesThereAndBack) {
    const Call call{"write", -1, ECONNRESET, 12'345ns, 9'223'372'036'854'775'807ns};
    const std::string line = to_line(call);
    ASSERT_EQ(line.back(), '\n');
    EXPECT_EQ(parse_call(line.substr(0, line.size() - 1)), call);
}

TEST(Call, LineThatIsNotOneIsRefused) {
    for (const char* line : {"", "read", "read 1 0 5", "read 1 0 5 6 7", "read x 0 5 6",
                             "read 1 0 5 99999999999999999999", "read 1 0 5 6x"}) {
        EXPECT_EQ(parse_call(line), std::nullopt) << line;
    }
}

TEST(SignalName, IsKnownWithAndWithoutPrefix) {
    EXPECT_EQ(signal_number("SIGINT"), SIGINT);
    EXPECT_EQ(signal_number("USR1"), SIGUSR1);
    EXPECT_EQ(signal_number("SIG"), std::nullopt);
    EXPECT_EQ(signal_number("sigint"), std::nullopt);
    EXPECT_EQ(signal_number(""), std::nullopt);
    EXPECT_EQ(signal_name(SIGPIPE), "SIGPIPE");
    EXPECT_EQ(signal_name(4711), "signal 4711");
}

}  // namespace
}  // namespace halfclosed::programs
