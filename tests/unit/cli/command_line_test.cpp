#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/flags.h"
#include "commands/commands.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

/// A command line with all commands, and what it makes of the flags of `serve`.
struct Parsed {
    explicit Parsed(std::vector<std::string> arguments)
        : line(std::move(arguments), all_commands(options)) {
        line.parse();
    }

    std::shared_ptr<ServeOptions> options = std::make_shared<ServeOptions>();
    CommandLine line;
};

/// What is said about a wrong command line; empty where it is right.
std::string complaint(std::vector<std::string> arguments) {
    try {
        Parsed(std::move(arguments));
    } catch (const UsageError& error) {
        return error.what();
    }
    return {};
}

class CommandLineFile : public testing::Test {
 protected:
    void write(const std::string& text) { std::ofstream(path_) << text; }
    void TearDown() override { std::filesystem::remove(path_); }

    std::string path_ = testing::TempDir() + "halfclosed-" +
                        testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml";
};

TEST(CommandLine, KnowsItsDefaults) {
    const Parsed parsed({"serve"});
    EXPECT_EQ(parsed.line.common().ports, (std::vector<PortRange>{{9999, 9999}}));
    EXPECT_EQ(parsed.options->interval, 1s);
    EXPECT_EQ(parsed.options->census_interval, 15s);
    EXPECT_EQ(parsed.options->leak_after, 60s);
    EXPECT_EQ(parsed.options->cpu_share, 0.02);
    EXPECT_EQ(parsed.options->listen, std::vector<std::string>{"127.0.0.1:10999"});
}

TEST(CommandLine, CommonFlagsStandBeforeOrBehindTheCommand) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"--port", "80", "--port", "8000-8010", "serve"},
          std::vector<std::string>{"serve", "--port", "80", "--port=8000-8010"},
          std::vector<std::string>{"serve", "--port", "80,8000-8010"}}) {
        const Parsed parsed(arguments);
        EXPECT_EQ(parsed.line.common().ports, (std::vector<PortRange>{{80, 80}, {8000, 8010}}));
    }
}

TEST(CommandLine, SaysInOneLineWhatIsWrong) {
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{}, "a command is needed; 'halfclosed --help' lists them"},
        {{"swerve"}, "'swerve' is not a command; 'halfclosed --help' lists them"},
        {{"--port", "70000", "serve"},
         "--port: '70000' is not a port (1 to 65535), a range (8000-8999), a service of "
         "/etc/services or 'all'"},
        {{"serve", "--interval", "3x"},
         "--interval: '3x' is not a duration (500ms, 2s, 5m, 1h30m)"},
        {{"serve", "--interval", "1ms"},
         "--interval: '1ms' is too short an interval (10ms at least)"},
        {{"serve", "--cpu-share", "0"},
         "--cpu-share: '0' is not a share of one core (above 0, at most 1)"},
        {{"--color", "blue", "serve"}, "--color: 'blue' is not one of auto, always, never"},
        {{"--log-level", "loud", "serve"},
         "--log-level: 'loud' is not a level (trace, debug, info, warn, error, off)"},
        {{"snapshot", "--cause", "greed"},
         "--cause: 'greed' is not a cause (not_accepted, unread, not_closed, sending)"},
    };
    for (const auto& [arguments, expected] : cases) {
        EXPECT_EQ(complaint(arguments), expected);
    }
    EXPECT_NE(complaint({"serve", "--bogus"}).find("--bogus"), std::string::npos);
    EXPECT_NE(complaint({"--config", "/nonexistent", "serve"}).find("/nonexistent"),
              std::string::npos);
}

TEST_F(CommandLineFile, AFileSaysTheSameAsFlags) {
    write(
        "port = [\"80\", \"8000-8010\"]\n[serve]\ninterval = \"2s\"\nlisten = [\"[::1]:1\", "
        "\"127.0.0.1:2\"]\n");
    const Parsed parsed({"--config", path_, "serve"});
    EXPECT_EQ(parsed.line.common().ports, (std::vector<PortRange>{{80, 80}, {8000, 8010}}));
    EXPECT_EQ(parsed.options->interval, 2s);
    EXPECT_EQ(parsed.options->listen, (std::vector<std::string>{"[::1]:1", "127.0.0.1:2"}));
}

TEST_F(CommandLineFile, AFlagGoesBeforeTheEnvironmentAndThatBeforeTheFile) {
    write("[serve]\ninterval = \"2s\"\nleak-after = \"2s\"\ncensus-interval = \"2s\"\n");
    setenv("HALFCLOSED_LEAK_AFTER", "3s", 1);
    setenv("HALFCLOSED_CENSUS_INTERVAL", "3s", 1);
    const Parsed parsed({"--config", path_, "serve", "--census-interval", "4s"});
    unsetenv("HALFCLOSED_LEAK_AFTER");
    unsetenv("HALFCLOSED_CENSUS_INTERVAL");
    EXPECT_EQ(parsed.options->interval, 2s);
    EXPECT_EQ(parsed.options->census_interval, 4s);
    EXPECT_EQ(parsed.options->leak_after, 3s);
}

TEST_F(CommandLineFile, AKeyThatIsNotKnownIsAnErrorThatNamesIt) {
    write("[serve]\nintervall = \"2s\"\n");
    EXPECT_EQ(complaint({"--config", path_, "serve"}), path_ + ": unknown key 'serve.intervall'");
}

TEST_F(CommandLineFile, AReloadReadsTheFileAgain) {
    write("[serve]\ninterval = \"2s\"\n");
    const Parsed parsed({"--config", path_, "serve"});
    write("port = [\"80\"]\n[serve]\ninterval = \"5s\"\n");
    const Parsed again(parsed.line.common().arguments);
    EXPECT_EQ(again.options->interval, 5s);
    EXPECT_EQ(again.line.common().ports, (std::vector<PortRange>{{80, 80}}));
}

}  // namespace
}  // namespace halfclosed
