#include "host/sysctl.h"

#include <gtest/gtest.h>

#include "fixture.h"

namespace halfclosed::host {
namespace {

using namespace std::chrono_literals;

TEST(Sysctl, RecordedFilesGiveTheirNumbers) {
    EXPECT_EQ(read_tcp_sysctls(kProc + "/sys/net/ipv4"),
              (TcpSysctls{.fin_timeout = 60s, .max_orphans = 131'072, .max_tw_buckets = 131'072}));
}

TEST(Sysctl, AnAbsentFileIsAnAbsentValue) {
    // What a namespace other than the initial one shows.
    EXPECT_EQ(read_tcp_sysctls(kProc + "/other-namespace/sys/net/ipv4"),
              (TcpSysctls{.fin_timeout = 2s, .max_orphans = {}, .max_tw_buckets = 131'072}));
}

TEST(Sysctl, OneNumberAndNothingElse) {
    EXPECT_EQ(parse_sysctl("0\n", "f"), 0U);
    EXPECT_EQ(parse_sysctl("2147483647\n", "f"), 2'147'483'647U);
    EXPECT_EQ(complaint([] { parse_sysctl("", "/proc/sys/f"); }), "/proc/sys/f: is empty");
    EXPECT_EQ(complaint([] { parse_sysctl("6", "/proc/sys/f"); }),
              "/proc/sys/f: ends inside a line");
    for (const char* const text :
         {"\n", "sixty\n", "60s\n", "-1\n", "2147483648\n", "1 2\n", "1\n2\n", "0x10\n"}) {
        EXPECT_EQ(complaint([&] { parse_sysctl(text, "/proc/sys/f"); }),
                  "/proc/sys/f: is not one number from 0 to 2147483647")
            << text;
    }
}

TEST(Sysctl, WithoutConntrackNothingIsTracked) {
    EXPECT_EQ(tracked_connections(kProc + "/sys/net/netfilter"), 0U);
    EXPECT_EQ(tracked_connections("/dev/null"), 0U) << "what cannot be read is not there";
}

TEST(Sysctl, ThisKernelHasAFinTimeout) {
    EXPECT_TRUE(read_tcp_sysctls().fin_timeout.has_value());
    EXPECT_EQ(read_fin_timeout(), read_tcp_sysctls().fin_timeout);
    EXPECT_EQ(read_fin_timeout("/not there"), std::nullopt);
}

}  // namespace
}  // namespace halfclosed::host
