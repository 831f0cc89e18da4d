#include "host/process_view.h"

#include <gtest/gtest.h>

namespace halfclosed::host {
namespace {

TEST(ProcessView, IsWholeWithEveryRight) {
    EXPECT_EQ(process_view({}), ProcessView{});
}

TEST(ProcessView, NamesWhatHelps) {
    EXPECT_FALSE(process_view({.ptrace = false, .read_search = false}).whole);
    EXPECT_EQ(process_view({.ptrace = false, .read_search = false}).remedy,
              "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH");
    EXPECT_EQ(process_view({.read_search = false}).remedy, "CAP_DAC_READ_SEARCH");
    EXPECT_EQ(process_view({.ptrace = false}).remedy, "CAP_SYS_PTRACE");
    EXPECT_EQ(process_view({.initial_user_namespace = false}).remedy, "the host's user namespace");
    EXPECT_EQ(process_view({.init_visible = false}).remedy,
              "a /proc without hidepid (ProtectProc=default)");
    EXPECT_EQ(process_view({.init_visible = false, .ptrace = false}).remedy, "CAP_SYS_PTRACE");
}

TEST(ProcessView, NamesEveryLimit) {
    const ProcessView view = process_view({.initial_pid_namespace = false,
                                           .init_visible = false,
                                           .ptrace = false,
                                           .read_search = false});
    for (const char* limit : {"PID namespace", "hidepid", "descriptors of other users"}) {
        EXPECT_NE(view.limit.find(limit), std::string::npos) << view.limit;
    }
    EXPECT_EQ(view.remedy,
              "the host's PID namespace (hostPID: true, --pid=host), CAP_SYS_PTRACE and "
              "CAP_DAC_READ_SEARCH")
        << "/proc hides nothing from who has CAP_SYS_PTRACE";
}

TEST(ProcessView, TellsWhatHidesProcessesFromWhatShieldsThem) {
    EXPECT_EQ(process_view({.ptrace = false, .read_search = false}).unlisted, "");
    EXPECT_EQ(process_view({.initial_user_namespace = false}).unlisted, "");
    EXPECT_NE(process_view({.init_visible = false}).unlisted.find("hidepid"), std::string::npos);
    const ProcessView apart = process_view({.initial_pid_namespace = false, .ptrace = false});
    EXPECT_EQ(apart.unlisted,
              "this is a PID namespace of its own: processes outside of it are not seen");
}

TEST(ProcessView, CapabilitiesAreTheEffectiveOnes) {
    EXPECT_EQ(parse_effective_capabilities("Name:\tx\nCapPrm:\t000001ffffffffff\n"
                                           "CapEff:\t0000000000080004\nCapBnd:\t0\n"),
              0x80004U);
    EXPECT_EQ(parse_effective_capabilities("Name:\tx\n"), 0U);
}

}  // namespace
}  // namespace halfclosed::host
