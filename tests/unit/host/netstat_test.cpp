#include "host/netstat.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.h"

namespace halfclosed::host {
namespace {

TEST(Netstat, RecordedFilesGiveTheEventsOfTheContract) {
    const std::map<std::string, std::uint64_t> expected{
        {"TCPAbortOnData", 1},
        {"TCPAbortOnClose", 1},
        {"TCPAbortOnTimeout", 0},
        {"TCPAbortOnMemory", 0},
        {"TW", 8},
        {"TWKilled", 0},
        {"TCPTimeWaitOverflow", 0},
        {"OutRsts", 2},
        {"EstabResets", 3},
        {"ListenOverflows", 0},
        {"ListenDrops", 0},
    };
    EXPECT_EQ(tcp_events(read_counters(kProc + "/net")), expected);
}

TEST(Netstat, WhatIsReadAtEveryPollIsWhatIsInTheWholeOfIt) {
    const TcpReading reading = read_tcp(kProc + "/net");
    EXPECT_EQ(reading.events, tcp_events(read_counters(kProc + "/net")));
    EXPECT_EQ(reading.mptcp_was_used, mptcp_was_used(kProc + "/net"));
    const Counters snmp = parse_counters(fixture("net/snmp"));
    const TcpCounts expected{
        {snmp.at("Tcp.InSegs"), snmp.at("Tcp.OutSegs"), snmp.at("Tcp.CurrEstab")},
        snmp.at("Tcp.EstabResets")};
    EXPECT_EQ(parse_tcp_counts(fixture("net/snmp")), expected);
    EXPECT_EQ(read_tcp_counts(kProc + "/net"), expected);
    EXPECT_EQ(read_estab_resets(kProc + "/net"), expected.estab_resets);
    EXPECT_EQ(complaint([] { parse_tcp_counts("Tcp: InSegs OutSegs\nTcp: 1 2\n", "/x/snmp"); }),
              "/x/snmp: has no Tcp.CurrEstab");
}

TEST(Netstat, EveryColumnOfEveryTableIsThere) {
    const Counters netstat = parse_counters(fixture("net/netstat"));
    EXPECT_EQ(netstat.size(), 135U + 18U + 76U);
    EXPECT_EQ(netstat.at("TcpExt.TCPOrigDataSent"), 21U);
    EXPECT_EQ(netstat.at("TcpExt.TCPDelivered"), 37U);
    EXPECT_EQ(netstat.count("MPTcpExt.MPCapableSYNRX"), 1U);
}

TEST(Netstat, MptcpWasUsedWhereItHasCountedAnything) {
    const std::string tcp = "TcpExt: A\nTcpExt: 7\n";
    EXPECT_FALSE(has_mptcp_counts(tcp + "MPTcpExt: B0 C\nMPTcpExt: 0 0\nX: Y\nX: 1\n"));
    EXPECT_TRUE(has_mptcp_counts(tcp + "MPTcpExt: B0 C\nMPTcpExt: 0 20\n"));
    EXPECT_FALSE(has_mptcp_counts(tcp)) << "a kernel without MPTCP";
    EXPECT_FALSE(has_mptcp_counts(fixture("net/netstat")));
    EXPECT_EQ(complaint([&] { has_mptcp_counts(tcp + "MPTcpExt: B0", "/proc/net/netstat"); }),
              "/proc/net/netstat: ends inside a line");
}

TEST(Netstat, ANegativeValueIsNoCounter) {
    const Counters snmp = parse_counters(fixture("net/snmp"));
    EXPECT_EQ(snmp.count("Tcp.MaxConn"), 0U);
    EXPECT_EQ(snmp.at("Tcp.RtoMax"), 120'000U);
}

TEST(Netstat, TheSameNameInTwoTablesIsTwoCounters) {
    const Counters counters = parse_counters("Udp: InErrors\nUdp: 1\nTcp: InErrors\nTcp: 2\n");
    EXPECT_EQ(counters, (Counters{{"Udp.InErrors", 1}, {"Tcp.InErrors", 2}}));
}

TEST(Netstat, NewTablesColumnsAndOrderDoNoHarm) {
    const Counters counters = parse_counters(
        "Fresh:\nFresh:\n"
        "TcpExt: Later TWKilled TW\nTcpExt: 18446744073709551615 2 1\n");
    EXPECT_EQ(counters.at("TcpExt.Later"), 18'446'744'073'709'551'615U);
    EXPECT_EQ(tcp_events(counters),
              (std::map<std::string, std::uint64_t>{{"TW", 1}, {"TWKilled", 2}}));
}

TEST(Netstat, AnEventThatTheKernelDoesNotCountIsAbsentNotZero) {
    EXPECT_TRUE(tcp_events({}).empty());
    EXPECT_TRUE(tcp_events({{"Tcp.TW", 1}, {"TcpExt.OutRsts", 2}}).empty())
        << "an event is one of its own table";
}

TEST(Netstat, ErrorsNameTheFileAndTheTable) {
    const auto complaint_about = [](std::string_view text) {
        return complaint([&] { parse_counters(text, "/proc/x/net/snmp"); });
    };
    EXPECT_EQ(complaint_about(""), "/proc/x/net/snmp: is empty");
    EXPECT_EQ(complaint_about("Tcp: OutRsts"), "/proc/x/net/snmp: ends inside a line");
    EXPECT_EQ(complaint_about("Tcp: OutRsts\n"), "/proc/x/net/snmp: no line of values for Tcp");
    EXPECT_EQ(complaint_about("Tcp: OutRsts\nUdp: 1\n"),
              "/proc/x/net/snmp: no line of values for Tcp");
    EXPECT_EQ(complaint_about("Tcp: OutRsts InSegs\nTcp: 1\n"),
              "/proc/x/net/snmp: Tcp has more names than values");
    EXPECT_EQ(complaint_about("Tcp: OutRsts\nTcp: 1 2\n"),
              "/proc/x/net/snmp: Tcp has more values than names");
    EXPECT_EQ(complaint_about("Tcp: OutRsts\nTcp: 1x\n"),
              "/proc/x/net/snmp: Tcp OutRsts is not a number");
    EXPECT_EQ(complaint_about("Tcp: OutRsts\nTcp: 18446744073709551616\n"),
              "/proc/x/net/snmp: Tcp OutRsts is not a number");
    EXPECT_EQ(complaint_about("\n\n"),
              "/proc/x/net/snmp: a line does not begin with the name of a table");
}

TEST(Netstat, APrefixGivesTheSameNumbersOrAnError) {
    for (const char* const name : {"net/netstat", "net/snmp"}) {
        const std::string text = fixture(name);
        const Counters whole = parse_counters(text);
        std::size_t complete = 0;
        for (std::size_t length = 0; length < text.size(); ++length) {
            Counters counters;
            try {
                counters = parse_counters(std::string_view(text).substr(0, length));
            } catch (const posix::Error&) {
                continue;
            }
            ++complete;
            EXPECT_TRUE(std::includes(whole.begin(), whole.end(), counters.begin(), counters.end()))
                << name << " cut at " << length;
        }
        // Only the ends of the tables are complete: the newlines at an even place, but for the
        // last.
        const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
        EXPECT_EQ(complete, lines / 2 - 1) << name;
    }
}

TEST(Netstat, ThisKernelCountsEveryEvent) {
    EXPECT_EQ(tcp_events(read_counters()).size(), kTcpEvents.size());
}

}  // namespace
}  // namespace halfclosed::host
