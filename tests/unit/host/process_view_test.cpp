#include "host/process_view.h"

#include <gtest/gtest.h>

namespace halfclosed::host {
namespace {

TEST(ProcessView, IsWholeWithEveryRight) {
    EXPECT_EQ(process_view({}), ProcessView{});
}

TEST(ProcessView, NamesTheFirstLimitAndWhatHelps) {
    ProcessRights rights{.ptrace = false, .read_search = false};
    EXPECT_FALSE(process_view(rights).whole);
    EXPECT_EQ(process_view(rights).remedy, "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH");
    rights.ptrace = true;
    EXPECT_EQ(process_view(rights).remedy, "CAP_DAC_READ_SEARCH");
    rights = {.ptrace = false};
    EXPECT_EQ(process_view(rights).remedy, "CAP_SYS_PTRACE");
    rights.init_visible = false;
    EXPECT_NE(process_view(rights).limit.find("hidepid"), std::string::npos);
    rights.initial_pid_namespace = false;
    EXPECT_NE(process_view(rights).limit.find("PID namespace"), std::string::npos);
    rights = {.initial_user_namespace = false};
    EXPECT_NE(process_view(rights).limit.find("user namespace"), std::string::npos);
}

TEST(ProcessView, CapabilitiesAreTheEffectiveOnes) {
    EXPECT_EQ(parse_effective_capabilities("Name:\tx\nCapPrm:\t000001ffffffffff\n"
                                           "CapEff:\t0000000000080004\nCapBnd:\t0\n"),
              0x80004U);
    EXPECT_EQ(parse_effective_capabilities("Name:\tx\n"), 0U);
}

}  // namespace
}  // namespace halfclosed::host
