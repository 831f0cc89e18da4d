#include "scenarios/definition/scenario_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "scenarios/definition/catalogue_text.h"

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kFile = R"(name = "example"
summary = "a line"
explanation = "One. Two."
governed_by = ["net.ipv4.tcp_fin_timeout"]
limit = "fin_timeout + 1s"
[sysctl]
"net.ipv4.tcp_orphan_retries" = "2"
[server]
program = "daytime-server"
[client]
program = "daytime-client"
flags = ["--then", "sleep"]
[[step]]
when = { server = "fin_wait2", for = "60ms" }
signal = "SIGINT"
to = "client"
[[premise]]
from = "server close"
to = "client write"
at_most = "36ms"
[expect]
server = [
  { state = "established", evidence = "seen or implied" },
  { state = "fin_wait2", evidence = "seen", at_least = "60ms", at_most = "fin_timeout", custody = "timewait" },
]
client = [{ state = "close", evidence = "seen" }]
server_calls = ["accept", "write = 26"]
client_calls = ["write = -1 EPIPE"]
server_ends = "runs on"
client_ends = "SIGINT"
events = { OutRsts = 1 }
minisocks = 1
orphan = [0, 1]
tw = [0]
fin_wait2_ended = "killed"
packets = ["client S"]
)";

/// kFile with one text replaced by another.
std::string changed(const std::string& from, const std::string& to) {
    std::string text = kFile;
    const std::size_t place = text.find(from);
    EXPECT_NE(place, std::string::npos) << from;
    return text.replace(place, from.size(), to);
}

std::string error_of(const std::string& text) {
    try {
        parse_scenario(text, "example.toml");
    } catch (const ScenarioFileError& error) {
        return error.what();
    }
    return "no error";
}

TEST(ScenarioFile, EveryKeyHasItsPlace) {
    const Scenario scenario = parse_scenario(kFile, "example.toml");
    EXPECT_EQ(scenario.name, "example");
    EXPECT_EQ(scenario.summary, "a line");
    EXPECT_EQ(scenario.explanation, "One. Two.");
    EXPECT_EQ(scenario.governed_by, (std::vector<std::string>{"net.ipv4.tcp_fin_timeout"}));
    EXPECT_EQ(scenario.limit, (RelativeDuration{true, 1s}));
    EXPECT_EQ(scenario.sysctls.at("net.ipv4.tcp_orphan_retries"), "2");
    EXPECT_EQ(scenario.actors.server, (Actor{"daytime-server", {}, {}}));
    EXPECT_EQ(scenario.actors.client, (Actor{"daytime-client", {"--then", "sleep"}, {}}));
    ASSERT_EQ(scenario.steps.size(), 1U);
    EXPECT_EQ(scenario.steps[0], (Step{{TcpState::fin_wait2, std::nullopt},
                                       std::nullopt,
                                       {false, 60ms},
                                       Side::client,
                                       SIGINT}));
    const Expectation& expect = scenario.expect;
    ASSERT_EQ(expect.preconditions.size(), 1U);
    EXPECT_EQ(
        expect.preconditions[0],
        (TimingPrecondition{{Side::server, "close"}, {Side::client, "write"}, {false, 36ms}}));
    ASSERT_EQ(expect.states.server.size(), 2U);
    EXPECT_EQ(expect.states.server[0], (ExpectedState{TcpState::established, true, {}, {}, {}}));
    EXPECT_EQ(expect.states.server[1],
              (ExpectedState{TcpState::fin_wait2, false, RelativeDuration{false, 60ms},
                             RelativeDuration{true, 0s}, tracking::Custody::timewait}));
    EXPECT_EQ(expect.states.client[0].state, TcpState::close);
    EXPECT_EQ(expect.calls.server[1], (ExpectedCall{"write", 26, ""}));
    EXPECT_EQ(expect.calls.client[0], (ExpectedCall{"write", -1, "EPIPE"}));
    EXPECT_EQ(expect.exits, (PerSide<std::optional<Exit>>{std::nullopt, Exit{true, SIGINT}}));
    EXPECT_EQ(expect.events, (std::map<std::string, std::uint64_t>{{"OutRsts", 1}}));
    EXPECT_EQ(expect.minisocks, 1U);
    EXPECT_EQ(expect.orphan, (std::vector<std::uint64_t>{0, 1}));
    EXPECT_EQ(expect.tw, (std::vector<std::uint64_t>{0}));
    EXPECT_EQ(expect.fin_wait2_ended, "killed");
    EXPECT_EQ(expect.packets, (std::vector<std::string>{"client S"}));
}

struct Mistake {
    const char* from;
    const char* to;
    int line;
    const char* message;
};

TEST(ScenarioFile, AMistakeIsNamedWithItsLine) {
    const Mistake mistakes[] = {
        {"name = \"example\"", "name = \"An Example\"", 1, "'An Example'"},
        {"a line", "a \\u001b[31mred line", 2, "'summary' has a control character"},
        {"a line", "a \\u009b31mred line", 2, "'summary' has a control character"},
        {"One. Two.", "One.\\nTwo.\\u0007", 3, "'explanation' has a control character"},
        {"summary = \"a line\"", "\"\\u001b[31m\" = 7\nsummary = \"a line\"", 2,
         "unknown key '\uFFFD[31m'"},
        {"summary = \"a line\"", "summary = 7", 2, "'summary' must be text"},
        {"limit = \"fin_timeout + 1s\"", "limit = \"soon\"", 5, "'soon' is not a time"},
        {"tcp_orphan_retries\"", "../../kernel/hostname\"", 7, "is not a sysctl of net.ipv4"},
        {"\"daytime-server\"", "\"/bin/sh\"", 9, "'/bin/sh' is not daytime-server"},
        {"flags = [\"--then\", \"sleep\"]", "flags = \"--then sleep\"", 12,
         "'flags' must be a list"},
        {"flags = [\"--then\", \"sleep\"]", "do = [\"connect\",\n\"fly\"]", 13,
         "'do': 'fly' is not one of: accept, "},
        {"flags = [\"--then\", \"sleep\"]", "do = [\"accept\"]", 12,
         "'do': 'accept' is for the server"},
        {"flags = [\"--then\", \"sleep\"]", "do = []", 12, "'do' is empty"},
        {"tcp_orphan_retries\"", "tcp_fin_timeout\"", 7, "--fin-timeout"},
        {"flags = [\"--then\", \"sleep\"]", "flag = []", 12, "unknown key 'flag'"},
        {"server = \"fin_wait2\", for", "server = \"FIN_WAIT2\", for", 14,
         "'FIN_WAIT2' is not a TCP state"},
        {"server = \"fin_wait2\", for", "for", 14, "names neither server nor client nor call"},
        {"for = \"60ms\"", "call = \"write\"", 14, "'write' is not a call such as"},
        {"signal = \"SIGINT\"", "signal = \"SIGNOTHING\"", 15, "'SIGNOTHING' is not a signal"},
        {"to = \"client\"\n[[premise", "to = \"peer\"\n[[premise", 16,
         "'peer' is not server or client"},
        {"from = \"server close\"", "from = \"close\"", 18, "'close' is not a call"},
        {"\"seen or implied\"", "\"implied\"", 23, "'implied' is not seen"},
        {"\"timewait\"", "\"nobody\"", 24, "'nobody' is not process"},
        {"at_least = \"60ms\"", "at_last = \"60ms\"", 24, "unknown key 'at_last'"},
        {"\"write = 26\"", "\"write 26\"", 27, "'write 26' is not a call"},
        {"client_ends = \"SIGINT\"", "client_ends = \"gladly\"", 30, "'gladly' is not an end"},
        {"OutRsts = 1", "InSegs = 1", 31, "'InSegs' is not a counter that is judged"},
        {"OutRsts = 1", "OutRsts = -1", 31, "must be a whole number"},
        {"minisocks = 1", "minisocks = \"1\"", 32, "must be a whole number"},
        {"tw = [0]", "tw = 0", 34, "'tw' must be a list"},
        {"\"killed\"", "\"closed\"", 35, "'closed' is not peer_closed"},
    };
    for (const Mistake& mistake : mistakes) {
        const std::string error = error_of(changed(mistake.from, mistake.to));
        EXPECT_THAT(error, StartsWith("example.toml:" + std::to_string(mistake.line) + ": "))
            << mistake.to;
        EXPECT_THAT(error, HasSubstr(mistake.message)) << mistake.to;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
}

TEST(ScenarioFile, WhatIsMissingIsAnErrorNotADefault) {
    for (const char* line :
         {"name = \"example\"\n", "summary = \"a line\"\n", "explanation = \"One. Two.\"\n",
          "governed_by = [\"net.ipv4.tcp_fin_timeout\"]\n", "limit = \"fin_timeout + 1s\"\n",
          "program = \"daytime-client\"\n", "signal = \"SIGINT\"\n", "at_most = \"36ms\"\n",
          "client = [{ state = \"close\", evidence = \"seen\" }]\n",
          "server_calls = [\"accept\", \"write = 26\"]\n",
          "client_calls = [\"write = -1 EPIPE\"]\n", "server_ends = \"runs on\"\n",
          "client_ends = \"SIGINT\"\n", "minisocks = 1\n"}) {
        EXPECT_THAT(error_of(changed(line, "")), HasSubstr("' is missing")) << line;
    }
    EXPECT_THAT(
        error_of(changed("client = [{ state = \"close\", evidence = \"seen\" }]", "client = []")),
        HasSubstr("must each name a state"));
}

/// The strictest of what can be said.
TEST(ScenarioFile, WithoutEvidenceAStateMustBeSeenAndWithoutEventsNoCounterMoves) {
    const Scenario lax = parse_scenario(
        changed(", evidence = \"seen or implied\"", ", evidence = \"seen\""), "example.toml");
    const Scenario scenario =
        parse_scenario(changed(", evidence = \"seen or implied\"", ""), "example.toml");
    EXPECT_EQ(scenario, lax);
    EXPECT_TRUE(parse_scenario(changed("events = { OutRsts = 1 }\n", ""), "example.toml")
                    .expect.events.empty());
}

/// kFile with scripts, and without what follows from them.
std::string scripted(const std::string& server, const std::string& client) {
    std::string text = kFile;
    const auto replace = [&text](const std::string& from, const std::string& to) {
        const std::size_t place = text.find(from);
        ASSERT_NE(place, std::string::npos) << from;
        text.replace(place, from.size(), to);
    };
    replace("flags = [\"--then\", \"sleep\"]", "do = [" + client + "]");
    replace("program = \"daytime-server\"", "program = \"daytime-server\"\ndo = [" + server + "]");
    replace("server_calls = [\"accept\", \"write = 26\"]\n", "");
    replace("client_calls = [\"write = -1 EPIPE\"]\n", "");
    replace("server_ends = \"runs on\"\n", "");
    replace("client_ends = \"SIGINT\"\n", "");
    return text;
}

TEST(ScenarioFile, CallsAndExitsFollowFromTheScripts) {
    const Expectation expect =
        parse_scenario(
            scripted(
                R"("accept", "write 26", "shutdown write", "drop incoming", "pause")",
                R"("connect", "read to end", "write 4", "await reset", "write 4", "close", "exit 3")"),
            "example.toml")
            .expect;
    EXPECT_EQ(expect.calls.server, (std::vector<ExpectedCall>{{"listen", 0, ""},
                                                              {"accept", std::nullopt, ""},
                                                              {"write", 26, ""},
                                                              {"shutdown", 0, ""},
                                                              {"setsockopt", 0, ""}}));
    EXPECT_EQ(expect.calls.client, (std::vector<ExpectedCall>{{"connect", 0, ""},
                                                              {"read", 26, ""},
                                                              {"read", 0, ""},
                                                              {"write", 4, ""},
                                                              {"write", -1, "EPIPE"},
                                                              {"close", 0, ""}}));
    EXPECT_EQ(expect.exits.server, std::nullopt);
    EXPECT_EQ(expect.exits.client, (Exit{true, SIGINT})) << "the script does not wait for it";
}

TEST(ScenarioFile, ASignalThatIsAwaitedEndsNoProgram) {
    const Expectation expect =
        parse_scenario(
            scripted(R"("accept", "pause")", R"("connect", "wait SIGINT", "read", "exit 3")"),
            "example.toml")
            .expect;
    EXPECT_EQ(expect.exits.client, (Exit{false, 3}));
    EXPECT_EQ(expect.calls.client,
              (std::vector<ExpectedCall>{{"connect", 0, ""}, {"read", 0, ""}}));
}

/// Whether two writes come in one segment or in two is chance, and so is how a long one is cut.
TEST(ScenarioFile, WhatDoesNotFollowFromTheScriptsMustBeSaid) {
    for (const char* server :
         {R"("accept", "write 26", "write 26", "pause")", R"("accept", "write 64KB", "pause")"}) {
        EXPECT_THAT(error_of(scripted(server, R"("connect", "read to end", "close")")),
                    HasSubstr("'client_calls' is missing"));
    }
}

TEST(ScenarioFile, WhatTheFileSaysGoesBeforeTheScripts) {
    std::string text = scripted(R"("accept", "pause")", R"("connect", "close")");
    text.replace(text.find("minisocks"), 0,
                 "client_calls = [\"connect = -1 EPERM\"]\nclient_ends = \"exit 7\"\n");
    const Expectation expect = parse_scenario(text, "example.toml").expect;
    EXPECT_EQ(expect.calls.client, (std::vector<ExpectedCall>{{"connect", -1, "EPERM"}}));
    EXPECT_EQ(expect.exits.client, (Exit{false, 7}));
}

// ---- text that would exhaust toml11 --------------------------------------------------------------------------------

std::string repeated(const std::string& text, std::size_t count) {
    std::string whole;
    for (std::size_t index = 0; index < count; ++index) {
        whole += text;
    }
    return whole;
}

TEST(ScenarioFile, NestedBracketsAreRefusedWithTheirLine) {
    for (const std::size_t depth : {17U, 1000U, 10'000U}) {
        for (const auto& [open, close] :
             {std::pair("[", "]"), std::pair("{a=", "}"), std::pair("[\n", "]\n")}) {
            const std::string text =
                std::string(kFile) + "x = " + repeated(open, depth) + repeated(close, depth);
            EXPECT_THAT(error_of(text), HasSubstr("nested more than 16 deep")) << depth << open;
        }
    }
    EXPECT_THAT(error_of("a = 1\nx = " + repeated("[", 17)), StartsWith("example.toml:2: "));
    EXPECT_THAT(error_of(std::string(kFile) + "x = " + repeated("[", 16) + repeated("]", 16)),
                HasSubstr("unknown key 'x'"));
}

// A quote or two before the three that end a string are the string's own: what follows is no string.
TEST(ScenarioFile, NothingIsHiddenBehindAStringThatEndsInQuotes) {
    for (const char quote : {'"', '\''}) {
        for (const std::size_t quotes : {3U, 4U, 5U}) {
            const std::string text =
                "a = 1\nx = [" + std::string(3, quote) + "a" + std::string(quotes, quote) + ", ";
            EXPECT_THAT(error_of(text + repeated("[", 15'000) + repeated("]", 15'000) + "]\n"),
                        StartsWith("example.toml:2: brackets are nested more than 16 deep"));
            EXPECT_THAT(error_of(text + "{" + repeated("a.", 20) + "b = 1}]\n"),
                        StartsWith("example.toml:2: a line has more than 16 dots"));
        }
    }
}

// Whatever is taken for a string: no file makes the parser recurse deeper than its brackets go.
TEST(ScenarioFile, MoreThanAThousandBracketsAreRefusedInStringsToo) {
    EXPECT_THAT(error_of("a = 1\nx = \"" + repeated("[", 1'001) + "\"\n"),
                StartsWith("example.toml:2: more than 1000 opening brackets"));
    EXPECT_THAT(error_of("x = \"" + repeated("[", 1'000) + "\"\n"),
                Not(HasSubstr("opening brackets")));
}

TEST(ScenarioFile, LongDottedKeysAreRefusedWithTheirLine) {
    for (const std::size_t parts : {17U, 20'000U}) {
        EXPECT_THAT(error_of("a = 1\n" + repeated("a.", parts) + "b = 1\n"),
                    StartsWith("example.toml:2: a line has more than 16 dots"));
        EXPECT_THAT(error_of("[" + repeated("a.", parts) + "b]\n"), HasSubstr("16 dots"));
        EXPECT_THAT(error_of(repeated("'a'.", parts) + "b = 1\n"),
                    HasSubstr(parts > 100 ? "KiB" : "16 dots"));
    }
}

TEST(ScenarioFile, BracketsAndDotsInStringsAndCommentsAreNoNesting) {
    const std::string many = repeated("[.", 30);
    EXPECT_EQ(error_of(changed("a line", many)), "no error");
    EXPECT_EQ(error_of(changed("a line", "\\\"" + many)), "no error");
    EXPECT_EQ(error_of(changed("\"a line\"", "'" + many + "'")), "no error");
    EXPECT_EQ(error_of(changed("\"One. Two.\"", "\"\"\"\n" + many + "\"\n" + many + "\"\"\"")),
              "no error");
    EXPECT_EQ(error_of("# " + many + "\n" + kFile), "no error");
}

TEST(ScenarioFile, ALongFileIsRefused) {
    const std::string text = kFile + ("#" + repeated("x", 64 * 1024));
    EXPECT_THAT(error_of(text), HasSubstr("the file is longer than 64 KiB"));
}

TEST(ScenarioFile, AnExplanationMayHaveLines) {
    EXPECT_EQ(parse_scenario(changed("\"One. Two.\"", "\"\"\"One.\nTwo.\"\"\""), "example.toml")
                  .explanation,
              "One. Two.");
}

TEST(ScenarioFile, ANameThatIsTakenIsAnError) {
    const auto taken = [](const std::string& name) { return name == "example"; };
    try {
        parse_scenario(kFile, "mine.toml", taken);
        ADD_FAILURE() << "no error";
    } catch (const ScenarioFileError& error) {
        EXPECT_STREQ(error.what(), "mine.toml:1: 'name': there is a scenario 'example' already");
    }
}

TEST(ScenarioFile, OneThatIsUnavailableSaysWhyAndNoMore) {
    const std::string head =
        "name = \"example\"\nsummary = \"a line\"\nexplanation = \"One. Two.\"\n"
        "governed_by = []\nunavailable = \"Not here.\"\n";
    EXPECT_EQ(parse_scenario(head, "example.toml").unavailable, "Not here.");
    EXPECT_THAT(error_of(head + "limit = \"1s\"\n"), HasSubstr(":6: unknown key 'limit'"));
}

TEST(ScenarioFile, TextThatIsNoTomlIsNamedWithItsLine) {
    EXPECT_THAT(error_of(changed("minisocks = 1", "minisocks = ")),
                StartsWith("example.toml:32: "));
    EXPECT_THAT(error_of(changed("[expect]", "[expect")), StartsWith("example.toml:21: "));
    EXPECT_THAT(error_of("\x01"), StartsWith("example.toml:1: "));
}

TEST(ScenarioFile, EveryPrefixIsAnErrorOrTheWhole) {
    const std::string text = kFile;
    for (std::size_t length = 0; length + 1 < text.size(); ++length) {
        const std::string error = error_of(text.substr(0, length));
        if (error == "no error") {
            // What follows this point is optional.
            EXPECT_GT(length, text.find("minisocks = 1")) << length;
        } else {
            EXPECT_THAT(error, StartsWith("example.toml:")) << length;
        }
    }
}

/// The file of a scenario as one that breaks off or is damaged: an error of one line that names the file and the
/// line, or a whole scenario.
void expect_error_with_line(const CatalogueText& entry, const std::string& text) {
    try {
        parse_scenario(text, entry.file);
    } catch (const ScenarioFileError& error) {
        const std::string_view what = error.what();
        const std::string prefix = std::string(entry.file) + ":";
        ASSERT_TRUE(what.starts_with(prefix)) << what;
        const std::size_t colon = what.find(':', prefix.size());
        const std::string line(what.substr(prefix.size(), colon - prefix.size()));
        ASSERT_NE(line.find_first_of("123456789"), std::string::npos) << what;
        ASSERT_EQ(line.find_first_not_of("0123456789"), std::string::npos) << what;
        EXPECT_LE(std::stoul(line), 1U + std::count(text.begin(), text.end(), '\n')) << what;
        EXPECT_EQ(what.find('\n'), std::string_view::npos) << what;
    }
}

TEST(ScenarioFile, ACatalogueFileThatBreaksOffNamesALine) {
    constexpr std::size_t kStride = 97;  // prime: it breaks off in every column
    for (const CatalogueText& entry : catalogue_text()) {
        for (std::size_t length = 0; length < entry.text.size(); length += kStride) {
            expect_error_with_line(entry, std::string(entry.text.substr(0, length)));
        }
    }
}

TEST(ScenarioFile, ACatalogueFileWithAWrongByteNamesALine) {
    constexpr std::size_t kStride = 101;
    constexpr std::string_view kBytes{"\"[]{}=#\\\n\0\x7f\xff", 12};
    for (const CatalogueText& entry : catalogue_text()) {
        for (std::size_t place = 0; place < entry.text.size(); place += kStride) {
            std::string text(entry.text);
            text[place] = kBytes[place % kBytes.size()];
            expect_error_with_line(entry, text);
        }
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
