#include "scenarios/trace/trace_line.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;

const std::vector<TraceEvent>& one_of_each() {
    static const std::vector<TraceEvent> events{
        StateObservation{Side::client, TcpState::close_wait, tracking::Custody::process,
                         Instant{1ns}, Instant{2ns}},
        StateObservation{Side::server, TcpState::close, std::nullopt, Instant{3ns}, Instant{4ns}},
        MadeCall{Side::client, {"write", -1, EPIPE, 5ns, 6ns}},
        SentSignal{Side::client, SIGINT, Instant{7ns}},
        ProgramExit{Side::server, {true, SIGKILL}, Instant{8ns}},
        CountSample{Instant{9ns}, 1, 2, 3, 4},
        Packet{Instant{10ns},
               Side::server,
               "P.",
               26,
               {1234567890123456789ns, 92, std::string("\x00\xff\"line\n", 8)}},
        StateEnd{Side::server, TcpState::fin_wait2, "expired", Instant{11ns}},
        ObservationGap{Instant{12ns}, Instant{13ns}},
        CounterDeltas{{{"OutRsts", 1}, {"TW", 0}}},
        RunError{"two words and a \"quote\""},
        Refusal{"no"},
        Attempt{"late-close", 2},
        Finished{Instant{14ns}},
        ExactState{Side::client, TcpState::last_ack, Instant{15ns}},
    };
    return events;
}

TEST(TraceLine, EveryKindGoesThereAndBack) {
    ASSERT_EQ(one_of_each().size(), std::variant_size_v<TraceEvent> + 1);
    for (const TraceEvent& event : one_of_each()) {
        const std::string line = to_line(event);
        EXPECT_EQ(line.find('\n'), std::string::npos) << line;
        EXPECT_EQ(parse_trace_line(line), event) << line;
    }
}

TEST(TraceLine, BytesThatAreNoTextAreReplaced) {
    const TraceEvent event =
        parse_trace_line(to_line(RunError{"a\xff"
                                          "b"}));
    EXPECT_EQ(std::get<RunError>(event).what,
              "a\xef\xbf\xbd"
              "b");
}

TEST(TraceLine, TextLosesWhatATerminalWouldObey) {
    const std::string line = to_line(RunError{"two\nlines \033[2J \x07 \xc2\x9b \xe2\x80\xae"});
    EXPECT_EQ(std::get<RunError>(parse_trace_line(line)).what,
              "two lines \ufffd[2J \ufffd \ufffd \ufffd");
    const std::string call = to_line(MadeCall{Side::client, {"read\033", 0, 0, 1ns, 2ns}});
    EXPECT_EQ(std::get<MadeCall>(parse_trace_line(call)).call.name, "read\ufffd");
    const std::string counters = to_line(CounterDeltas{{{"TW\033", 1}}});
    EXPECT_EQ(std::get<CounterDeltas>(parse_trace_line(counters)).of("TW\ufffd"), 1U);
    try {
        parse_trace_line("{\"fact\":\"\xc2\x9b\xe2\x80\xae\"}");
        ADD_FAILURE() << "no error";
    } catch (const TraceLineError& error) {
        EXPECT_STREQ(error.what(), "unknown event \ufffd\ufffd");
    }
}

TEST(TraceLine, AFrameIsHexAndNoLongerThanItWasOnTheWire) {
    const std::string good = to_line(Packet{Instant{1ns}, Side::client, "S", 0, {2ns, 3, "abc"}});
    EXPECT_EQ(std::get<Packet>(parse_trace_line(good)).frame.bytes, "abc");
    for (const char* bad : {"6162636", "61626g", "61626364", "616263\\u0000", "61626F"}) {
        std::string line = good;
        line.replace(line.find("616263"), 6, bad);
        EXPECT_THROW(parse_trace_line(line), TraceLineError) << line;
    }
}

TEST(TraceLine, WhatIsNoEventIsAnError) {
    for (const char* line :
         {"", "{}", "[]", "null", "{\"fact\":\"joke\"}", "{\"fact\":7}", "{\"fact\":\"trouble\"}",
          "{\"fact\":\"finished\",\"at\":\"soon\"}", "{\"fact\":\"finished\",\"at\":-1}",
          "{\"fact\":\"finished\",\"at\":9223372036854775807}",
          "{\"fact\":\"signal\",\"to\":\"nobody\",\"signal\":\"SIGINT\",\"at\":1}",
          "{\"fact\":\"signal\",\"to\":\"client\",\"signal\":\"SIGNOT\",\"at\":1}",
          "{\"fact\":\"finished\",\"at\":1"}) {
        EXPECT_THROW(parse_trace_line(line), TraceLineError) << line;
    }
}

TEST(TraceLine, ANumberIsWholeAndFits) {
    const std::string good = to_line(CountSample{Instant{9ns}, 1, 2, 3, 4});
    for (const char* bad : {"1.5", "-1", "1e30", "18446744073709551616", "true", "\"1\""}) {
        std::string line = good;
        line.replace(line.find("\"orphan_counted\":1") + 17, 1, bad);
        EXPECT_THROW(parse_trace_line(line), TraceLineError) << line;
    }
    EXPECT_THROW(parse_trace_line("{\"fact\":\"events\",\"events\":{\"TW\":-1}}"), TraceLineError);
    EXPECT_THROW(parse_trace_line("{\"fact\":\"events\",\"events\":[]}"), TraceLineError);
}

TEST(TraceLine, EveryPrefixOfALineIsAnError) {
    for (const TraceEvent& event : one_of_each()) {
        const std::string line = to_line(event);
        for (std::size_t length = 0; length < line.size(); ++length) {
            EXPECT_THROW(parse_trace_line(line.substr(0, length)), TraceLineError) << line;
        }
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
