#include "scenarios/diagram/text_diagram.h"
#include "scenarios/diagram/diagram_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "records/rfc_name.h"
#include "scenarios/definition/catalogue.h"
#include "scenarios/diagram/text_row.h"
#include "scenarios/recorded_trace.h"
#include "scenarios/trace/timeline.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr TextDiagramStyle kPlain{false, true};

Instant drawn_at(std::chrono::nanoseconds since_boot) {
    return Instant{since_boot};
}

/// The beginning of a late close, with round times.
Trace short_trace() {
    Trace trace;
    const auto call = [&](Side who, const char* name, std::int64_t result, auto began, auto ended) {
        add(trace, MadeCall{who, {name, result, 0, began, ended}});
    };
    const auto seen = [&](Side side, TcpState state, auto when) {
        add(trace,
            StateObservation{side, state, std::nullopt, drawn_at(when - 1ms), drawn_at(when)});
    };
    call(Side::client, "connect", 0, 1s, 1s + 1ms);
    add(trace, Packet{drawn_at(1s), Side::client, "S", 0});
    add(trace, Packet{drawn_at(1s + 300us), Side::server, "S.", 0});
    seen(Side::client, TcpState::established, 1s + 2ms);
    seen(Side::server, TcpState::established, 1s + 2ms);
    call(Side::server, "write", 26, 1s + 5ms, 1s + 6ms);
    add(trace, Packet{drawn_at(1s + 5ms), Side::server, "P.", 26});
    call(Side::server, "close", 0, 1s + 7ms, 1s + 8ms);
    add(trace, Packet{drawn_at(1s + 7ms), Side::server, "F.", 0});
    seen(Side::server, TcpState::fin_wait1, 1s + 8ms);
    add(trace, CountSample{drawn_at(1s + 8ms), 1, 1, 0, 0});
    call(Side::client, "read", 0, 1s + 9ms, 1s + 10ms);
    add(trace, SentSignal{Side::client, SIGINT, drawn_at(1s + 50ms)});
    add(trace, Packet{drawn_at(1s + 51ms), Side::client, "R.", 0});
    seen(Side::client, TcpState::close, 1s + 52ms);
    return trace;
}

TEST(TextDiagram, PutsBothEndsAndTheWireSideBySide) {
    EXPECT_THAT(
        text_diagram(short_trace(), kPlain),
        ElementsAre(
            "   0.0 ms  connect = 0          ───── SYN ────▶",
            "   0.3 ms  ESTABLISHED   6.7 ms ◀── SYN ACK ───",
            "   2.0 ms  │                                     ESTABLISHED   5.0 ms",
            "   5.0 ms  │                    ◀── 26 bytes ──  │ write = 26",
            "   7.0 ms  (CLOSE-WAIT) 44.0 ms ◀──── FIN ─────  │ close = 0",
            "   7.0 ms  │                                     FIN-WAIT-1                 1  0",
            "  10.0 ms  │ read = 0                            │",
            "        ⋮  ┆                                     ┆",
            "  50.0 ms  │ SIGINT                              │",
            "  51.0 ms  CLOSE                ───── RST ────▶  │"));
}

TEST(TextDiagram, GivesAStateThatStandsTheTimeUntilNow) {
    const std::vector<std::string> lines =
        text_diagram(short_trace(), kPlain, drawn_at(1s + 508ms));
    EXPECT_THAT(lines, Contains(HasSubstr("FIN-WAIT-1  501.0 ms")));
    EXPECT_THAT(lines, Contains("  51.0 ms  CLOSE                ───── RST ────▶  │"));
    EXPECT_EQ(lines.back(), " 508.0 ms                                        │") << "time goes on";
}

TEST(TextDiagram, DrawsInAsciiWhereItMust) {
    const std::vector<std::string> lines = text_diagram(short_trace(), {false, false});
    EXPECT_EQ(lines[0], "   0.0 ms  connect = 0          ----- SYN ---->");
    for (const std::string& line : lines) {
        for (const char byte : line) {
            EXPECT_EQ(static_cast<unsigned char>(byte) & 0x80U, 0U) << line;
        }
    }
}

TEST(TextDiagram, ColoursOnlyWhereItMay) {
    for (const std::string& line : text_diagram(short_trace(), kPlain)) {
        EXPECT_EQ(line.find('\033'), std::string::npos) << line;
    }
    const std::vector<std::string> lines = text_diagram(short_trace(), {true, true});
    EXPECT_THAT(lines, Contains(HasSubstr("\033[1;31m───── RST ────▶\033[0m")));
}

TEST(TextDiagram, FitsEightyColumns) {
    for (const Scenario& scenario : runnable_scenarios()) {
        const Trace trace = recorded_trace(scenario.name);
        std::vector<std::string> lines = heading(scenario, 2s, kPlain);
        for (const std::string& line : text_diagram(trace, kPlain, *trace.finished + 100s)) {
            lines.push_back(line);
        }
        const scenarios::Run run{
            scenario,
            {},
            trace,
            {{std::string(300, 'x') + " y", "a fault of " + std::string(200, ' ') + "words"},
             true}};
        for (const std::string& line : verdict_lines(run, kPlain)) {
            lines.push_back(line);
        }
        for (const std::string& line : lines) {
            EXPECT_LE(text::columns(line), 80U) << scenario.name << ": " << line;
            EXPECT_FALSE(line.ends_with(' ')) << scenario.name << ": " << line;
        }
    }
}

TEST(TextDiagram, ShowsEveryStateAndPacketOfATrace) {
    for (const Scenario& scenario : runnable_scenarios()) {
        const Trace trace = recorded_trace(scenario.name);
        std::string text;
        for (const std::string& line : text_diagram(trace, kPlain)) {
            text += line + "\n";
        }
        for (const Side side : tracking::kSides) {
            for (const ExpectedState& expected : scenario.expect.states.of(side)) {
                EXPECT_THAT(text, HasSubstr(rfc_name(expected.state))) << scenario.name;
            }
        }
        std::size_t arrows = 0;
        for (const char* head : {"▶", "◀"}) {
            for (std::size_t place = text.find(head); place != std::string::npos;
                 place = text.find(head, place + 1)) {
                ++arrows;
            }
        }
        EXPECT_EQ(arrows, trace.packets.size()) << scenario.name;
    }
}

TEST(TextDiagram, AnErrnoIsNotCut) {
    Trace trace;
    add(trace, MadeCall{Side::client, {"write", -1, ECONNRESET, 1ms, 1ms}});
    add(trace, MadeCall{Side::client, {"write", -1, EPIPE, 2ms, 2ms}});
    const std::vector<std::string> lines = text_diagram(trace, kPlain);
    EXPECT_THAT(lines[0], EndsWith("write: ECONNRESET"));
    EXPECT_THAT(lines[1], EndsWith("write = -1 EPIPE"));
}

TEST(TextDiagram, AWaitIsALineOfItsOwn) {
    Trace trace;
    add(trace, Packet{drawn_at(1ms), Side::client, "S", 0});
    add(trace, Packet{drawn_at(21ms), Side::server, "S.", 0});
    add(trace, Packet{drawn_at(40ms), Side::client, ".", 0});
    const std::vector<std::string> lines = text_diagram(trace, kPlain);
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[1], "        ⋮");
}

TEST(TextDiagram, ASegmentHasWhatItDoesBesideOrBelowIt) {
    const std::vector<std::string> lines = text_diagram(recorded_trace("close-at-once"), kPlain);
    const auto line = [&lines](const char* text) {
        const auto found = std::find_if(lines.begin(), lines.end(), [text](const auto& it) {
            return it.find(text) != std::string::npos;
        });
        return found - lines.begin();
    };
    EXPECT_EQ(line("── FIN ─────"), line("close = 0"));
    EXPECT_EQ(line("── FIN ─────"), line("CLOSE-WAIT"));
    EXPECT_EQ(line("── FIN ─────") + 1, line("FIN-WAIT-1"));
    EXPECT_EQ(line("── 26 bytes"), line("write = 26"));
}

TEST(TextDiagram, OfNothingIsEmpty) {
    EXPECT_TRUE(text_diagram({}, kPlain).empty());
}

TEST(VerdictLines, SayPassOrEveryFault) {
    scenarios::Run run{*find_scenario("late-close"), {}, recorded_trace("late-close"), {}};
    EXPECT_THAT(verdict_lines(run, kPlain), ElementsAre(StartsWith("PASS  late-close  ")));
    run.verdict.faults = {"first", "second"};
    EXPECT_THAT(verdict_lines(run, kPlain),
                ElementsAre(StartsWith("FAIL  late-close"), "    - first", "    - second"));
    run.verdict.faults = {std::string(60, 'a') + " and more words"};
    EXPECT_EQ(verdict_lines(run, kPlain).back(), "      words");
}

TEST(Shortened, KeepsTheBeginningAndTheEnd) {
    EXPECT_EQ(shortened("short"), "short");
    const std::string text = shortened("begin " + std::string(2000, 'x') + " end");
    EXPECT_THAT(text, StartsWith("begin xxx"));
    EXPECT_THAT(text, HasSubstr("x ... x"));
    EXPECT_THAT(text, EndsWith("x end"));
    EXPECT_LE(text.size(), 600U);
    std::string wide;
    for (int letter = 0; letter < 1000; ++letter) {
        wide += "中";
    }
    EXPECT_EQ(shortened(wide).size() % 3, 5U % 3) << "no character is broken";
}

TEST(Wrapped, BreaksAtBlanksAndWithinAWordThatIsTooWide) {
    EXPECT_THAT(wrapped("one two three", 7), ElementsAre("one two", "three"));
    EXPECT_THAT(wrapped("  one \n two  ", 7), ElementsAre("one two"));
    EXPECT_THAT(wrapped("", 7), ElementsAre());
    EXPECT_THAT(wrapped("a unbreakable b", 4), ElementsAre("a", "unbr", "eaka", "ble", "b"));
    EXPECT_THAT(wrapped("\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 2),
                ElementsAre("\xe4\xb8\xad\xe4\xb8\xad", "\xe4\xb8\xad"));
}

TEST(TextDiagram, AProgramDoesNotControlTheTerminal) {
    Trace trace;
    add(trace, MadeCall{Side::client, {"\033[2Jread\x7f\xc2\x9b", 0, 0, 1ms, 1ms}});
    EXPECT_THAT(text_diagram(trace, kPlain)[0], EndsWith("\ufffd[2Jread\ufffd\ufffd = 0"));
    EXPECT_THAT(wrapped("a\033]0;title\a b", 80), ElementsAre("a\ufffd]0;title\ufffd b"));
    EXPECT_THAT(wrapped("\xc2\xa0\xc3\xa4", 80), ElementsAre("\xc2\xa0\xc3\xa4"));
}

TEST(TextRow, CutsWhatIsTooWideAtACharacter) {
    TextRow row;
    row.put(TextRow::wire, "▶▶▶▶▶▶▶▶▶▶▶▶▶▶▶▶▶▶▶▶", text::Paint::plain);
    EXPECT_EQ(text::columns(row.render(kPlain)), 9U + 2 + 20 + 1 + 15);
    row.put(TextRow::server, "a text of twenty-two c", text::Paint::plain);
    row.put_before(TextRow::server, "│");
    EXPECT_THAT(row.render(kPlain), EndsWith("▶  │ a text of twenty-t"));
}

TEST(TimeText, HasTheUnitInWhichItCanBeRead) {
    const std::pair<Duration, const char*> cases[] = {
        {0ns, "0.0 ms"},
        {16us, "16 us"},
        {99us, "99 us"},
        {100us, "0.1 ms"},
        {41300us, "41.3 ms"},
        {999900us, "999.9 ms"},
        {999960us, "1.000 s"},
        {2004ms, "2.004 s"},
        {999s, "999.000 s"},
        {999999999us, "1000 s"},
        {99999s, "99999 s"},
        {100h, "100 h"},
        {Duration::max(), "2562048 h"},
    };
    for (const auto& [time, text] : cases) {
        EXPECT_EQ(text::precise_duration_text(time), text);
        EXPECT_LE(text::precise_duration_text(time).size(), 9U);
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
