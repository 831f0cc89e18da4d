#include "scenarios/packetdrill/command.h"

#include <gtest/gtest.h>

#include "scenarios/packetdrill/assertion.h"

namespace halfclosed::scenarios::packetdrill {
namespace {

using namespace std::chrono_literals;
using Actions = std::vector<Action>;

TEST(PacketdrillCommand, SetsSysctls) {
    EXPECT_EQ(interpret("sysctl -q net.ipv4.tcp_sack=1", 1),
              Actions{SetSysctl({"net.ipv4.tcp_sack", "1"})});
    EXPECT_EQ(interpret("sysctl -q net.ipv4.tcp_rmem=\"4096 $((2*3)) 9\" >/dev/null 2>&1", 1),
              Actions{SetSysctl({"net.ipv4.tcp_rmem", "4096 6 9"})});
    EXPECT_EQ(
        interpret("./set_sysctls.py /proc/sys/net/ipv4/tcp_ecn=0 \\\n /proc/sys/net/ipv4/a='1 2'",
                  1),
        (Actions{SetSysctl{"net.ipv4.tcp_ecn", "0"}, SetSysctl{"net.ipv4.a", "1 2"}}));
}

TEST(PacketdrillCommand, RunsFilesAndPasses) {
    EXPECT_EQ(
        interpret(
            "#!/bin/sh\n../common/defaults.sh # why\nsleep 2; tc qdisc add dev tun0 root pfifo", 1),
        (Actions{RunFile{"../common/defaults.sh"}, Pause{2s}, Nothing{}}));
    EXPECT_EQ(interpret("sockstat -4 -P tcp -s | grep packetdril | grep -c TIME_WAIT | grep 1", 1),
              Actions{CountSockets({TcpState::time_wait, 1})});
    EXPECT_EQ(interpret("sysctl -w net.inet.tcp.blackhole=0", 1), Actions{Nothing{true}});
}

struct Refused {
    const char* command;
    const char* what;
};

class PacketdrillRefused : public testing::TestWithParam<Refused> {};

TEST_P(PacketdrillRefused, NamesWhatIsNotSupported) {
    try {
        interpret(GetParam().command, 7);
        ADD_FAILURE() << "it was taken";
    } catch (const NotSupportedError& error) {
        EXPECT_EQ(error.line(), 7U);
        EXPECT_STREQ(error.what(), GetParam().what);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Each, PacketdrillRefused,
    testing::Values(Refused{"tcpdrop -s TIME_WAIT", "`tcpdrop -s TIME_WAIT`"},
                    Refused{"sysctl -w kernel.panic=1",
                            "sysctl kernel.panic, which is not of a network namespace"},
                    Refused{"sysctl -w net/../kernel/panic=1", "sysctl net/../kernel/panic=1"},
                    Refused{"sysctl -w net.inet.tcp.insecure_rst=1",
                            "FreeBSD's net.inet.tcp.insecure_rst=1 has no counterpart in Linux"},
                    Refused{"sysctl a=$((1+1))", "shell arithmetic"},
                    Refused{"echo \"x", "a quotation without end"},
                    Refused{"/bin/evil.sh", "`/bin/evil.sh`"},
                    Refused{"sleep 601", "`sleep 601`"}));

TEST(PacketdrillAssertion, IsComparisonsWithNumbersAndStates) {
    using Relation = Assertion::Relation;
    EXPECT_EQ(parse_assertions("assert tcpi_state == TCP_FIN_WAIT2, tcpi_state", 1),
              (std::vector<Assertion>{{"tcpi_state", Relation::equal, 5}}));
    EXPECT_EQ(parse_assertions("assert 3 <= tcpi_snd_cwnd < 10, 'x'; assert tcpi_unacked != 2", 1),
              (std::vector<Assertion>{{"tcpi_snd_cwnd", Relation::at_least, 3},
                                      {"tcpi_snd_cwnd", Relation::less, 10},
                                      {"tcpi_unacked", Relation::unequal, 2}}));
    EXPECT_EQ(
        parse_assertions("assert tcpi_state == TCPI_CLOSE_WAIT and tcpi_probes > 1", 1).size(), 2U);
    for (const char* const other :
         {"print(1)", "assert tcpi_rto", "assert tcpi_rto == other", "assert a == 1"}) {
        EXPECT_THROW(parse_assertions(other, 1), NotSupportedError) << other;
    }
}

TEST(PacketdrillAssertion, HoldsOrDoesNot) {
    using Relation = Assertion::Relation;
    const auto holds_for = [](Relation relation, std::int64_t actual) {
        return holds({"tcpi_rto", relation, 5}, actual);
    };
    EXPECT_TRUE(holds_for(Relation::equal, 5) && !holds_for(Relation::equal, 6));
    EXPECT_TRUE(holds_for(Relation::unequal, 6) && !holds_for(Relation::unequal, 5));
    EXPECT_TRUE(holds_for(Relation::less, 4) && !holds_for(Relation::less, 5));
    EXPECT_TRUE(holds_for(Relation::at_most, 5) && !holds_for(Relation::at_most, 6));
    EXPECT_TRUE(holds_for(Relation::greater, 6) && !holds_for(Relation::greater, 5));
    EXPECT_TRUE(holds_for(Relation::at_least, 5) && !holds_for(Relation::at_least, 4));
}

}  // namespace
}  // namespace halfclosed::scenarios::packetdrill
