#include "scenarios/definition/expectation_text.h"

#include <gtest/gtest.h>

#include <csignal>

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;

TEST(ExpectationText, RelativeDuration) {
    EXPECT_EQ(parse_span("60ms"), (RelativeDuration{false, 60ms}));
    EXPECT_EQ(parse_span("2s"), (RelativeDuration{false, 2s}));
    EXPECT_EQ(parse_span("fin_timeout"), (RelativeDuration{true, 0s}));
    EXPECT_EQ(parse_span("fin_timeout + 300ms"), (RelativeDuration{true, 300ms}));
    EXPECT_EQ(parse_span("hold"), (RelativeDuration{false, 0s, true}));
    EXPECT_EQ(parse_span("fin_timeout + hold + 10s"), (RelativeDuration{true, 10s, true}));
    for (const char* text : {"", "60", "ms", "hold + fin_timeout", "hold + hold", "fin_timeout +",
                             "-1s", "1.5s", "fin_timeout +", "fin_timeout - 1s", "1s + fin_timeout",
                             "fin_timeout + 1s + 1s", "99999999999s"}) {
        EXPECT_EQ(parse_span(text), std::nullopt) << text;
    }
    EXPECT_EQ((RelativeDuration{true, 300ms}).in(2s), 2300ms);
    EXPECT_EQ((RelativeDuration{false, 60ms}).in(2s), 60ms);
    EXPECT_EQ((RelativeDuration{true, 10s, true}).in({2s, 600s}), 612s);
    EXPECT_EQ((RelativeDuration{false, 0s, true}).in({}), 1s);
}

TEST(ExpectationText, State) {
    EXPECT_EQ(parse_state("fin_wait2"), TcpState::fin_wait2);
    EXPECT_EQ(parse_state("established"), TcpState::established);
    EXPECT_EQ(parse_state("closing"), TcpState::closing);
    EXPECT_EQ(parse_state("FIN_WAIT2"), std::nullopt);
    EXPECT_EQ(parse_state("new_syn_recv"), std::nullopt);
}

TEST(ExpectationText, SideAndEvidence) {
    EXPECT_EQ(parse_side("server"), Side::server);
    EXPECT_EQ(parse_side("client"), Side::client);
    EXPECT_EQ(parse_side("peer"), std::nullopt);
    EXPECT_EQ(parse_evidence("seen"), false);
    EXPECT_EQ(parse_evidence("seen or implied"), true);
    EXPECT_EQ(parse_evidence("implied"), std::nullopt);
}

TEST(ExpectationText, Call) {
    EXPECT_EQ(parse_call_text("accept"), (ExpectedCall{"accept", std::nullopt, ""}));
    EXPECT_EQ(parse_call_text("read = 26"), (ExpectedCall{"read", 26, ""}));
    EXPECT_EQ(parse_call_text("write = -1 EPIPE"), (ExpectedCall{"write", -1, "EPIPE"}));
    for (const char* text : {"", "= 26", "read 26", "read =", "read = x", "write = -1",
                             "read = 26 EPIPE", "write = -1 EPIPE now", "read() = 26"}) {
        EXPECT_EQ(parse_call_text(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_call_reference("client write"), (CallReference{Side::client, "write", 1}));
    EXPECT_EQ(parse_call_reference("server close 2"), (CallReference{Side::server, "close", 2}));
    EXPECT_EQ(parse_call_reference("write"), std::nullopt);
    for (const char* text : {"client write 0", "client write 1 2", "client write x"}) {
        EXPECT_EQ(parse_call_reference(text), std::nullopt) << text;
    }
}

TEST(ExpectationText, Exit) {
    EXPECT_EQ(parse_exit("SIGINT"), (Exit{true, SIGINT}));
    EXPECT_EQ(parse_exit("exit 0"), (Exit{false, 0}));
    EXPECT_EQ(parse_exit("runs on"), std::optional<std::optional<Exit>>(std::optional<Exit>()));
    for (const char* text : {"", "runs", "exit", "exit 256", "exit -1", "0", "SIGNOTHING"}) {
        EXPECT_EQ(parse_exit(text), std::nullopt) << text;
    }
}

TEST(ExpectationText, Custody) {
    for (const tracking::Custody custody : tracking::kCustodies) {
        EXPECT_EQ(parse_custody(name(custody)), custody);
    }
    EXPECT_EQ(parse_custody("nobody"), std::nullopt);
}

TEST(ExpectationText, FinWait2End) {
    EXPECT_EQ(parse_fin_wait2_end("expired"), "expired");
    EXPECT_EQ(parse_fin_wait2_end("closed"), std::nullopt);
}

TEST(ExpectationText, NameIsFitToPrintAndToLabel) {
    EXPECT_EQ(parse_name("late-close"), "late-close");
    for (const char* text : {"", "-late", "Late", "late close", "late\x1b[31m", "l\xc3\xa4t"}) {
        EXPECT_EQ(parse_name(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_name(std::string(65, 'a')), std::nullopt);
}

TEST(ExpectationText, JudgedEvents) {
    EXPECT_TRUE(is_judged_event("TCPAbortOnData"));
    EXPECT_TRUE(is_judged_event("OutRsts"));
    EXPECT_FALSE(is_judged_event("TW"));
    EXPECT_FALSE(is_judged_event("TWKilled"));
    EXPECT_FALSE(is_judged_event("InSegs"));
}

TEST(ExpectationText, SysctlStaysUnderNetIpv4) {
    EXPECT_TRUE(is_sysctl_name("net.ipv4.tcp_orphan_retries"));
    for (const char* text : {"net.ipv4.", "net.core.somaxconn", "net.ipv4./../../kernel/hostname",
                             "net.ipv4.conf.all.rp_filter", "kernel.hostname"}) {
        EXPECT_FALSE(is_sysctl_name(text)) << text;
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
