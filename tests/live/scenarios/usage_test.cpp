// What the reference programs answer to a wrong command line: one line and exit status 2.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "program.h"

namespace halfclosed::programs {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct Wrong {
    const char* program;
    std::vector<std::string> flags;
    const char* names;
};

TEST(Usage, AWrongFlagIsOneLineAndExitStatusTwo) {
    const Wrong wrongs[] = {
        {"daytime-server", {"--port", "0"}, "--port"},
        {"daytime-server", {"--port", "70000"}, "70000"},
        {"daytime-server", {"--port", "ten"}, "ten"},
        {"daytime-server", {"--address", "localhost"}, "localhost"},
        {"daytime-server", {"--report-fd", "-1"}, "--report-fd"},
        {"daytime-server", {"--no-such-flag"}, "--no-such-flag"},
        {"daytime-server", {"extra"}, "extra"},
        {"daytime-server", {"--do", "fly"}, "'fly'"},
        {"daytime-server", {"--do", "accept", "--do", "connect"}, "'connect' is for the client"},
        {"daytime-client", {"--do", "read"}, "'read' comes before 'connect'"},
        {"daytime-client", {"--do", "connect", "--then", "sleep"}, "--then"},
        {"daytime-client", {"--port", "70000"}, "70000"},
        {"daytime-client", {"--then", "fly"}, "fly"},
        {"daytime-client", {"--after", "3"}, "3"},
        {"daytime-client", {"--after", "-3s"}, "-3s"},
        {"daytime-client", {"--after", "1h"}, "1h"},
        {"daytime-client", {"--on", "SIGNOTHING"}, "SIGNOTHING"},
        {"daytime-client", {"host", "another"}, "another"},
    };
    for (const Wrong& wrong : wrongs) {
        Program program(wrong.program, wrong.flags);
        EXPECT_EQ(program.end(), 2) << wrong.names;
        const std::string errors = program.errors();
        EXPECT_THAT(errors,
                    AllOf(StartsWith(std::string(wrong.program) + ": "), HasSubstr(wrong.names)));
        EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
        EXPECT_EQ(program.output(), "") << wrong.names;
    }
}

TEST(Usage, HelpNamesEveryFlag) {
    Program server("daytime-server", {"--help"});
    EXPECT_EQ(server.end(), 0);
    EXPECT_THAT(server.output(), AllOf(HasSubstr("--address"), HasSubstr("--port"),
                                       HasSubstr("--do"), HasSubstr("--report-fd")));
    Program client("daytime-client", {"--help"});
    EXPECT_EQ(client.end(), 0);
    EXPECT_THAT(client.output(),
                AllOf(HasSubstr("--then"), HasSubstr("--after"), HasSubstr("--on"),
                      HasSubstr("--no-read"), HasSubstr("--do"), HasSubstr("--report-fd")));
}

}  // namespace
}  // namespace halfclosed::programs
