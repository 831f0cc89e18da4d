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

/// What is said about a wrong command line; empty if it is right.
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
    EXPECT_FALSE(parsed.line.common().all_namespaces);
    EXPECT_EQ(parsed.options->exact, ServeOptions::Exact::automatic);
    EXPECT_EQ(parsed.options->history.kept, 24h);
    EXPECT_EQ(parsed.options->history.bytes, 64'000'000U);
    EXPECT_EQ(parsed.options->detail, exporters::Detail::full);
    EXPECT_EQ(parsed.options->max_sockets, 10'000U);
    EXPECT_EQ(parsed.options->max_hold, 1h);
    EXPECT_EQ(parsed.options->snapshot_access, exporters::SnapshotAccess::open);
    EXPECT_EQ(parsed.options->self_test_interval, 0s);
}

/// The help has them as text of its own.
TEST(CommandLine, TheDefaultsThatTheHelpTellsAreThose) {
    for (const auto& [flag, text] :
         std::vector<std::pair<std::string, std::string>>{{"--port", "9999"},
                                                          {"--namespaces", "own"},
                                                          {"--interval", "1s"},
                                                          {"--census-interval", "15s"},
                                                          {"--cpu-share", "0.02"},
                                                          {"--listen", "127.0.0.1:10999"},
                                                          {"--leak-after", "60s"},
                                                          {"--exact", "auto"},
                                                          {"--history", "24h"},
                                                          {"--history-size", "64MB"},
                                                          {"--detail", "full"},
                                                          {"--max-sockets", "10000"},
                                                          {"--max-hold", "1h"},
                                                          {"--snapshot-access", "open"},
                                                          {"--self-test-interval", "0s"}}) {
        testing::internal::CaptureStdout();
        Parsed({"serve", "--help"});
        const std::string help = testing::internal::GetCapturedStdout();
        const std::size_t at = help.find("  " + flag + " ");
        ASSERT_NE(at, std::string::npos) << flag;
        const std::string line = help.substr(at, help.find('\n', at) - at);
        EXPECT_NE((line + " ").find("=" + text + " "), std::string::npos) << line;

        const Parsed as_it_is({"serve", "--state-dir", "/nowhere"});
        const Parsed said({"serve", "--state-dir", "/nowhere", flag, text});
        const auto all = [](const Parsed& parsed) {
            const ServeOptions& it = *parsed.options;
            return std::tuple(parsed.line.common().ports, parsed.line.common().all_namespaces,
                              it.interval, it.census_interval, it.cpu_share, it.listen,
                              it.leak_after, it.exact, it.history.kept, it.history.bytes, it.detail,
                              it.max_sockets, it.max_hold, it.snapshot_access,
                              it.self_test_interval);
        };
        EXPECT_EQ(all(as_it_is), all(said)) << flag;
    }
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

TEST(CommandLine, HelpIsACommandToo) {
    testing::internal::CaptureStdout();
    Parsed({"serve", "--help"});
    const std::string help = testing::internal::GetCapturedStdout();
    testing::internal::CaptureStdout();
    Parsed({"help", "serve"});
    EXPECT_EQ(testing::internal::GetCapturedStdout(), help);
    EXPECT_NE(help, "");
}

TEST(CommandLine, SaysInOneLineWhatIsWrong) {
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{}, "a command is needed; 'halfclosed --help' lists them"},
        {{"swerve", "--help"},
         "'swerve' is not a command; 'halfclosed --help' lists them; did you mean 'serve'?"},
        {{"list"}, "'list' is not a command; 'halfclosed --help' lists them"},
        {{"--port", "80", "swerve", "--json"},
         "'swerve' is not a command; 'halfclosed --help' lists them; did you mean 'serve'?"},
        {{"scenario", "rnu", "x"},
         "'rnu' is not a command; 'halfclosed scenario --help' lists them; did you mean 'run'?"},
        {{"serve", "--bogus"}, "unknown flag '--bogus'"},
        {{"serve", "--intervall=5s"}, "unknown flag '--intervall'; did you mean '--interval'?"},
        {{"snapshot", "--prot", "80"}, "unknown flag '--prot'; did you mean '--port'?"},
        {{"snapshot", "now"}, "unexpected argument 'now'"},
        {{"--port", "70000", "serve"},
         "--port: '70000' is not a port (1 to 65535), a range (8000-8999), a service of "
         "/etc/services or 'all'"},
        {{"serve", "--interval", "3x"},
         "--interval: '3x' is not a duration (500ms, 2s, 5m, 1h30m)"},
        {{"serve", "--interval", "1ms"},
         "--interval: '1ms' is too short an interval (10ms at least)"},
        {{"serve", "--cpu-share", "0"},
         "--cpu-share: '0' is not a share of one core (above 0, at most 1)"},
        {{"--color", "blue", "serve"}, "--color: 'blue' is not a choice (auto, always, never)"},
        {{"--log-level", "loud", "serve"},
         "--log-level: 'loud' is not a level (trace, debug, info, warn, error, off)"},
        {{"--log-format", "jsno", "serve"},
         "--log-format: 'jsno' is not a format (auto, text, json, journal); did you mean 'json'?"},
        {{"watch", "--interval", "0s"}, "--interval: '0s' is too short an interval (1ms at least)"},
        {{"serve", "--listen", "example.org:80"},
         "--listen: cannot listen on example.org:80: expected ADDRESS:PORT, such as "
         "127.0.0.1:10999, [::1]:10999, localhost:10999 or, for every address, *:10999"},
        {{"snapshot", "--cause", "greed"},
         "--cause: 'greed' is not a cause (not_accepted, unread, not_closed, sending)"},
    };
    for (const auto& [arguments, expected] : cases) {
        EXPECT_EQ(complaint(arguments), expected);
    }
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
    EXPECT_EQ(complaint({"--config", path_, "serve"}),
              path_ + ":2: unknown key 'serve.intervall'; did you mean 'interval'?");
    write("\n\n[sreve]\n");
    EXPECT_EQ(complaint({"--config", path_, "serve"}),
              path_ + ":3: unknown key 'sreve'; did you mean 'serve'?");
}

TEST_F(CommandLineFile, WhatIsNotTomlIsRefusedWithFileLineAndReason) {
    for (const char* text :
         {"[serve]\ninterval = 2s\n", "[serve]\ninterval\n", "[serve]\ninterval = \"2s\n",
          "port = 80\nport = 81\n", "[serve\ninterval = \"2s\"\n"}) {
        write(text);
        const std::string said = complaint({"--config", path_, "serve"});
        EXPECT_TRUE(said.starts_with(path_ + ":1: ") || said.starts_with(path_ + ":2: ")) << said;
        EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    }
}

TEST_F(CommandLineFile, AValueOfAnotherKindIsRefused) {
    const std::pair<const char*, const char*> cases[] = {
        {"[serve]\ninterval = 2\n", ":2: 'serve.interval' must be text"},
        {"[serve]\nstate-dir = true\n", ":2: 'serve.state-dir' must be text"},
        {"[serve]\ncontrol-socket = 5\n", ":2: 'serve.control-socket' must be text"},
        {"[serve]\ninterval = [\"1s\", \"2s\"]\n",
         ":2: 'serve.interval' takes one value, not a list"},
        {"[serve]\nlisten = []\n", ":2: 'serve.listen': the list is empty"},
        {"port = [[80]]\n", ":1: 'port' must be text or a number"},
        {"port = 80.5\n",
         ":1: 'port': '80.5' is not a port (1 to 65535), a range (8000-8999), a service of "
         "/etc/services or 'all'"},
        {"port = 1979-05-27\n", ":1: 'port' must be text or a number"},
        {"[snapshot]\njson = \"yes\"\n", ":2: 'snapshot.json' must be true or false"},
        {"serve = \"now\"\n", ":1: 'serve' must be a [section]"},
        {"config = \"other.toml\"\n", ":1: unknown key 'config'"},
        {"[record]\nFILE = \"x\"\n", ":2: unknown key 'record.FILE'"},
    };
    for (const auto& [text, expected] : cases) {
        write(text);
        EXPECT_EQ(complaint({"--config", path_, "serve"}), path_ + expected) << text;
    }
}

TEST_F(CommandLineFile, NumbersAndTruthValuesAreTakenWhereTheyAreMeant) {
    write("port = [80, \"8000-8010\"]\n[serve]\ncpu-share = 0.25\n[snapshot]\njson = true\n");
    const Parsed parsed({"--config", path_, "serve"});
    EXPECT_EQ(parsed.line.common().ports, (std::vector<PortRange>{{80, 80}, {8000, 8010}}));
    EXPECT_EQ(parsed.options->cpu_share, 0.25);
}

TEST_F(CommandLineFile, AValueThatIsBadIsNamedWithItsFile) {
    write("[serve]\n\ninterval = \"3x\"\n");
    EXPECT_EQ(complaint({"--config", path_, "serve"}),
              path_ + ":3: 'serve.interval': '3x' is not a duration (500ms, 2s, 5m, 1h30m)");
    EXPECT_EQ(complaint({"--config", path_, "serve", "--interval", "2s"}), "")
        << "the flag goes before it";
    write("[serve]\nweb-config-file = \"/nonexistent/web.yml\"\n");
    const std::string said = complaint({"--config", path_, "serve"});
    EXPECT_TRUE(said.starts_with(path_ + ":2: 'serve.web-config-file': ")) << said;
}

TEST_F(CommandLineFile, TheEnvironmentNamesTheFileToo) {
    write("[serve]\ninterval = \"2s\"\n");
    setenv("HALFCLOSED_CONFIG", path_.c_str(), 1);
    EXPECT_EQ(Parsed({"serve"}).options->interval, 2s);
    setenv("HALFCLOSED_CONFIG", "/nonexistent.toml", 1);
    EXPECT_NE(complaint({"serve"}).find("/nonexistent.toml"), std::string::npos);
    unsetenv("HALFCLOSED_CONFIG");
}

TEST_F(CommandLineFile, AnEmptyVariableIsNone) {
    write("[serve]\ninterval = \"2s\"\n");
    setenv("HALFCLOSED_INTERVAL", "", 1);
    const Parsed parsed({"--config", path_, "serve"});
    unsetenv("HALFCLOSED_INTERVAL");
    EXPECT_EQ(parsed.options->interval, 2s);
}

TEST(CommandLine, AnEmptyValueIsOneHoweverItIsWritten) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"serve", "--control-socket="},
          std::vector<std::string>{"serve", "--control-socket=", "--interval", "2s"},
          std::vector<std::string>{"serve", "--control-socket", ""}}) {
        EXPECT_EQ(Parsed(arguments).options->control_socket, "");
    }
    EXPECT_EQ(complaint({"serve", "--interval="}),
              "--interval: '' is not a duration (500ms, 2s, 5m, 1h30m)");
}

TEST(CommandLine, AReloadTakesWhatTheLogIsToBeLike) {
    const Parsed parsed(
        {"serve", "--log-level", "warn", "--log-format", "json", "--color", "always"});
    EXPECT_EQ(parsed.line.common().log_level, "warn");
    EXPECT_EQ(parsed.line.common().log_format, LogFormat::json);
    EXPECT_TRUE(parsed.line.common().color_on(-1));
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
