#include "scenarios/packetdrill/script_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace halfclosed::scenarios::packetdrill {
namespace {

using namespace std::chrono_literals;

Script parse(const std::string& text) {
    return parse_script(text, "a.pkt");
}

/// The one event of a script, without its time.
template <typename What>
What only(const std::string& text) {
    const Script script = parse("0 " + text);
    EXPECT_EQ(script.events.size(), 1U) << text;
    return std::get<What>(script.events.at(0).what);
}

Value number(std::int64_t number) {
    Value value;
    value.kind = Value::Kind::number;
    value.number = number;
    return value;
}

Value names(std::vector<std::string> names) {
    Value value;
    value.kind = Value::Kind::names;
    value.names = std::move(names);
    return value;
}

TEST(PacketdrillScript, IsOptionsCommandsAndEventsWithTheirLines) {
    const Script script = parse(
        "// a comment\n--ip_version=ipv6 // another\n--mtu=1520\n`./defaults.sh`\n"
        "0 close(3) = 0 /* a\nlong one */\n+.1 `sysctl -q a=1\n sysctl -q b=2`\n* %{ assert True "
        "}%\n");
    EXPECT_EQ(script.options,
              (std::map<std::string, std::string>{{"ip_version", "ipv6"}, {"mtu", "1520"}}));
    EXPECT_EQ(script.setup, std::vector<std::string>{"./defaults.sh"});
    ASSERT_EQ(script.events.size(), 3U);
    EXPECT_EQ(script.events[0].line, 5U);
    EXPECT_EQ(script.events[1].line, 7U);
    EXPECT_EQ(std::get<Command>(script.events[1].what).text, "sysctl -q a=1\n sysctl -q b=2");
    EXPECT_EQ(script.events[2].line, 9U);
    EXPECT_EQ(std::get<Code>(script.events[2].what).text, "assert True");
    EXPECT_EQ(script.line(2), "--ip_version=ipv6");
    EXPECT_EQ(script.line(99), "");
}

TEST(PacketdrillScript, HasTimesOfEachKind) {
    const auto when = [](const std::string& text) {
        return parse(text + " close(3) = 0").events.at(0).when;
    };
    EXPECT_EQ(when("*"), (When{true, false, 0us, std::nullopt}));
    EXPECT_EQ(when("0"), (When{false, false, 0us, std::nullopt}));
    EXPECT_EQ(when("1.25"), (When{false, false, 1'250'000us, std::nullopt}));
    EXPECT_EQ(when("+.01"), (When{false, true, 10'000us, std::nullopt}));
    EXPECT_EQ(when("+0~+.04"), (When{false, true, 0us, 40'000us}));
    EXPECT_EQ(when("0.1~0.2"), (When{false, false, 100'000us, 200'000us}));
    EXPECT_EQ(when("+.0000019"), (When{false, true, 1us, std::nullopt}));
}

TEST(PacketdrillScript, HasCallsThatBlock) {
    const Script script =
        parse("+.01...0.011 connect(3, ..., ...) = 0\n0...0.2 accept(3, ..., ...) = 4");
    EXPECT_EQ(script.events.at(0).when.from, 10'000us);
    EXPECT_EQ(std::get<Call>(script.events.at(0).what).returns, 11'000us);
    EXPECT_EQ(script.events.at(1).when.from, 0us);
    EXPECT_EQ(std::get<Call>(script.events.at(1).what).returns, 200'000us);
}

TEST(PacketdrillCall, HasArgumentsResultErrorAndNotes) {
    Call expected{"connect", {number(3), Value{}, Value{}}, -1, "EINPROGRESS", std::nullopt};
    EXPECT_EQ(only<Call>("connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)"),
              expected);
    expected = {"fcntl",
                {number(3), names({"F_SETFL"}), names({"O_RDWR", "O_NONBLOCK"})},
                0,
                "",
                std::nullopt};
    EXPECT_EQ(only<Call>("fcntl(3, F_SETFL, O_RDWR | O_NONBLOCK) = 0"), expected);
    expected = {"fcntl", {number(3), names({"F_GETFL"})}, 2, "", std::nullopt};
    EXPECT_EQ(only<Call>("fcntl(3, F_GETFL) = 0x02 (flags O_RDWR)"), expected);
    EXPECT_EQ(only<Call>("read(4, ..., 10) = ?").result, std::nullopt);
}

TEST(PacketdrillCall, HasListsAndStructures) {
    const Call call =
        only<Call>("setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0");
    Value linger;
    linger.kind = Value::Kind::structure;
    linger.names = {"onoff", "linger"};
    linger.items = {number(1), number(0)};
    EXPECT_EQ(call.arguments.at(3), linger);
    const Value list =
        only<Call>("getsockopt(3, SOL_TCP, TCP_INQ, [0xff], [4]) = 0").arguments.at(3);
    EXPECT_EQ(list.kind, Value::Kind::list);
    EXPECT_EQ(list.items, std::vector<Value>{number(255)});
}

TEST(PacketdrillSegment, HasFlagsNumbersAndOptions) {
    Segment syn{"S", 0, 0, std::nullopt, 65535, {}};
    syn.options = {{{TcpOption::Kind::mss, {1460}},
                    {TcpOption::Kind::sack_permitted, {}},
                    {TcpOption::Kind::timestamps, {100, 0}},
                    {TcpOption::Kind::nop, {}},
                    {TcpOption::Kind::window_scale, {7}}}};
    EXPECT_EQ(only<Injected>("< S 0:0(0) win 65535 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>")
                  .segment,
              syn);
    const Segment data = only<Expected>("> P. 1:1001(1000) ack 1").segment;
    EXPECT_EQ(data.flags, "P.");
    EXPECT_EQ(data.length, 1000U);
    EXPECT_EQ(data.window, std::nullopt);
    EXPECT_EQ(data.options, std::vector<TcpOption>{});
    EXPECT_EQ(only<Expected>("> S. 0:0(0) ack 1 <...>").segment.options, std::nullopt);
    EXPECT_EQ(
        only<Expected>("> . 1:1(0) ack 1 <nop,nop,sack 3:4 7:9>").segment.options->back().numbers,
        (std::vector<std::uint32_t>{3, 4, 7, 9}));
    EXPECT_EQ(only<Expected>("> .FP 4294967295:0(1) ack 1").segment.flags, "FP.");
}

TEST(PacketdrillSegment, IsWrittenAsItIsRead) {
    for (const char* const text :
         {"S 0:0(0) win 65535 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>", "F. 1:1(0) ack 2",
          "R 2:2(0)", ". 1:1(0) ack 2 win 257 <...>", "P. 1:11(10) ack 5 <nop,nop,sack 3:4>",
          "- 1:1(0) <eol>"}) {
        EXPECT_EQ(to_string(only<Injected>(std::string("< ") + text).segment), text);
    }
}

TEST(PacketdrillScript, TakesTheStandardBranchOfConditions) {
    const Script script = parse(
        "0 close(3) = 0\n#ifdef STANDARD\n+0 close(4) = 0\n#endif\n"
        "#ifdef FreeBSD\n+0 close(5) = 0\n#endif\n+0 close(6) = 0\n");
    ASSERT_EQ(script.events.size(), 3U);
    EXPECT_EQ(script.events[1].line, 3U);
    EXPECT_EQ(script.events[2].line, 8U);
}

struct Wrong {
    const char* script;
    const char* error;
};

class PacketdrillError : public testing::TestWithParam<Wrong> {};

TEST_P(PacketdrillError, NamesFileAndLine) {
    try {
        parse(GetParam().script);
        ADD_FAILURE() << "it was read";
    } catch (const ScriptError& error) {
        EXPECT_STREQ(error.what(), GetParam().error);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Each, PacketdrillError,
    testing::Values(
        Wrong{"0 close(3", "a.pkt: line 1: ',' is expected, and here is the script ends"},
        Wrong{"0 close(3)\n+0 listen(3, 1) = 0", "a.pkt: line 2: '=' is expected, and here is '+'"},
        Wrong{"\n0 < F. 1:1(0) win 1", "a.pkt: line 2: the flag '.' and \"ack N\" go together"},
        Wrong{"0 < P. 1:5(3) ack 1", "a.pkt: line 1: 1:5 are not 3 bytes"},
        Wrong{"0 < PP. 1:1(0) ack 1", "a.pkt: line 1: the flag 'P' is given twice"},
        Wrong{"close(3) = 0", "a.pkt: line 1: a time in seconds is expected"},
        Wrong{"100000 close(3) = 0", "a.pkt: line 1: a time of more than a day"},
        Wrong{"0.2~0.1 close(3) = 0", "a.pkt: line 1: the range of times ends before it begins"},
        Wrong{"0~+0.1 close(3) = 0",
              "a.pkt: line 1: one end of the range of times is relative and the other is not"},
        Wrong{"0.2...0.1 read(3, ..., 1) = 0",
              "a.pkt: line 1: a call that returns before it is made"},
        Wrong{"0 close(99999999999999999999) = 0", "a.pkt: line 1: a number that is too large"},
        Wrong{"0 < . 1:1(0) ack 4294967296", "a.pkt: line 1: 4294967296 is no number of 32 bits"},
        Wrong{"0 < . 1:1(0) ack 1 win 65536", "a.pkt: line 1: 65536 is more than 65535"},
        Wrong{"0 `sysctl", "a.pkt: line 1: '`' never comes"},
        Wrong{"/* no end", "a.pkt: line 1: a comment without end"},
        Wrong{"0 close(3) = 0\n#ifdef STANDARD\n", "a.pkt: line 2: #ifdef without #endif"},
        Wrong{"#endif", "a.pkt: line 1: #endif without #ifdef"},
        Wrong{"0 f([[[[[[[[[[1]]]]]]]]]]) = 0", "a.pkt: line 1: values too deep in each other"}));

struct NotPlayed {
    const char* script;
    std::size_t line;
    const char* what;
};

class PacketdrillNotPlayed : public testing::TestWithParam<NotPlayed> {};

TEST_P(PacketdrillNotPlayed, IsToldApartFromErrors) {
    try {
        parse(GetParam().script);
        ADD_FAILURE() << "it was read";
    } catch (const NotSupportedError& error) {
        EXPECT_EQ(error.line(), GetParam().line);
        EXPECT_STREQ(error.what(), GetParam().what);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Each, PacketdrillNotPlayed,
    testing::Values(NotPlayed{"\n0 < icmp unreachable frag_needed mtu 1200", 2, "packets of icmp"},
                    NotPlayed{"0 < [ect0] . 1:1(0) ack 1", 1, "fields of the IP header"},
                    NotPlayed{"0 > S 0:0(0) <mss 1460,FO 12>", 1, "the TCP option FO"},
                    NotPlayed{"0 < . 1:1(0) ack 1 urg 3", 1, "urgent data"},
                    NotPlayed{"0 sendmsg(4, {msg_iov(1)=[{..., 4}]}, 0) = 4", 1,
                              "the structure member msg_iov(…)"}));

}  // namespace
}  // namespace halfclosed::scenarios::packetdrill
