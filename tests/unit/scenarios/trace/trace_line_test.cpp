#include "scenarios/trace/trace_line.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;

const std::vector<TraceEvent>& one_of_each() {
    static const std::vector<TraceEvent> facts{
        StateObservation{Side::client, TcpState::close_wait, tracking::Custody::process,
                         Instant{1ns}, Instant{2ns}},
        StateObservation{Side::server, TcpState::close, std::nullopt, Instant{3ns}, Instant{4ns}},
        MadeCall{Side::client, {"write", -1, EPIPE, 5ns, 6ns}},
        SentSignal{Side::client, SIGINT, Instant{7ns}},
        Ended{Side::server, {true, SIGKILL}, Instant{8ns}},
        CountSample{Instant{9ns}, 1, 2, 3, 4},
        Packet{Instant{10ns},
               Side::server,
               "P.",
               26,
               {1234567890123456789ns, 92, std::string("\x00\xff\"line\n", 8)}},
        HowEnded{Side::server, TcpState::fin_wait2, "expired", Instant{11ns}},
        ObservationGap{Instant{12ns}, Instant{13ns}},
        CounterDeltas{{{"OutRsts", 1}, {"TW", 0}}},
        RunError{"two words\nand a \"line\""},
        Refusal{"no"},
        Attempt{"late-close", 2},
        Finished{Instant{14ns}},
    };
    return facts;
}

TEST(FactLine, EveryKindGoesThereAndBack) {
    ASSERT_EQ(one_of_each().size(), std::variant_size_v<TraceEvent> + 1);
    for (const TraceEvent& fact : one_of_each()) {
        const std::string line = to_line(fact);
        EXPECT_EQ(line.find('\n'), std::string::npos) << line;
        EXPECT_EQ(parse_fact(line), fact) << line;
    }
}

TEST(FactLine, BytesThatAreNoTextAreReplaced) {
    const TraceEvent fact =
        parse_fact(to_line(RunError{"a\xff"
                                    "b"}));
    EXPECT_EQ(std::get<RunError>(fact).what,
              "a\xef\xbf\xbd"
              "b");
}

TEST(FactLine, AFrameIsHexAndNoLongerThanItWasOnTheWire) {
    const std::string good = to_line(Packet{Instant{1ns}, Side::client, "S", 0, {2ns, 3, "abc"}});
    EXPECT_EQ(std::get<Packet>(parse_fact(good)).frame.bytes, "abc");
    for (const char* bad : {"6162636", "61626g", "61626364", "616263\\u0000", "61626F"}) {
        std::string line = good;
        line.replace(line.find("616263"), 6, bad);
        EXPECT_THROW(parse_fact(line), FactLineError) << line;
    }
}

TEST(FactLine, WhatIsNoFactIsAnError) {
    for (const char* line :
         {"", "{}", "[]", "null", "{\"fact\":\"joke\"}", "{\"fact\":7}", "{\"fact\":\"trouble\"}",
          "{\"fact\":\"finished\",\"at\":\"soon\"}", "{\"fact\":\"finished\",\"at\":-1}",
          "{\"fact\":\"finished\",\"at\":9223372036854775807}",
          "{\"fact\":\"signal\",\"to\":\"nobody\",\"signal\":\"SIGINT\",\"at\":1}",
          "{\"fact\":\"signal\",\"to\":\"client\",\"signal\":\"SIGNOT\",\"at\":1}",
          "{\"fact\":\"finished\",\"at\":1"}) {
        EXPECT_THROW(parse_fact(line), FactLineError) << line;
    }
}

TEST(FactLine, ANumberIsWholeAndFits) {
    const std::string good = to_line(CountSample{Instant{9ns}, 1, 2, 3, 4});
    for (const char* bad : {"1.5", "-1", "1e30", "18446744073709551616", "true", "\"1\""}) {
        std::string line = good;
        line.replace(line.find("\"orphan_counted\":1") + 17, 1, bad);
        EXPECT_THROW(parse_fact(line), FactLineError) << line;
    }
    EXPECT_THROW(parse_fact("{\"fact\":\"events\",\"events\":{\"TW\":-1}}"), FactLineError);
    EXPECT_THROW(parse_fact("{\"fact\":\"events\",\"events\":[]}"), FactLineError);
}

TEST(FactLine, EveryPrefixOfALineIsAnError) {
    for (const TraceEvent& fact : one_of_each()) {
        const std::string line = to_line(fact);
        for (std::size_t length = 0; length < line.size(); ++length) {
            EXPECT_THROW(parse_fact(line.substr(0, length)), FactLineError) << line;
        }
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
