#include "commands/status_report.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'770'000'010s};

constexpr const char* kBusy =
    R"({"schema":"halfclosed.status/1","time":"2026-02-02T02:40:00.000Z","version":"0.2.0","revision":"abc",
    "pid":812,"start_timestamp_seconds":1769999000.5,"addresses":["http://127.0.0.1:10999"],"ports":"port 9999",
    "sees":true,"why":null,"half_closed":5,"leaked":2,"dead":1,"unwatched":12,
    "worst":"shop.service leaks 3 sockets (2 unread, 1 dead), the oldest 4m12s.",
    "collectors":[{"name":"closing","success":true,"allowed":true,"duration_seconds":0.0015,
    "interval_seconds":4.0,"wanted_interval_seconds":1.0,"last_success_timestamp_seconds":1770000009.5},
    {"name":"processes","success":false,"allowed":false,"duration_seconds":0.01,"interval_seconds":1.0,
    "wanted_interval_seconds":1.0,"last_success_timestamp_seconds":null}],
    "config":{"successful":false,"last_success_timestamp_seconds":1769999001.0},
    "process":{"cpu_seconds":1.25,"resident_bytes":8388608.0,"open_fds":12.0}})";

TEST(StatusReport, ForAPerson) {
    const StatusReport report = status_report(kBusy, kNow, {});
    EXPECT_TRUE(report.sees);
    EXPECT_EQ(report.text, R"(halfclosed 0.2.0 (revision abc), pid 812, running for 16m49s, serving
http://127.0.0.1:10999.
Watching port 9999: 5 half-closed sockets, 2 leaked, 1 dead; 12 on other ports
(--port all).
shop.service leaks 3 sockets (2 unread, 1 dead), the oldest 4m12s.

COLLECTOR  HEALTH             TOOK  LAST ANSWER  EVERY
closing    works             1.5ms    500ms ago  4.0s (asked for: 1.0s)
processes  not allowed here   10ms        never  1.0s

The last reload failed; the configuration is that of 16m49s ago.
It has used 1.2s of CPU time and 8.0 MiB of memory.
)");
}

TEST(StatusReport, ABlindDaemonDoesNotSee) {
    std::string blind = kBusy;
    blind.replace(blind.find(R"("sees":true,"why":null)"), 22,
                  R"("sees":false,"why":"the last poll was 2m ago")");
    const StatusReport report = status_report(blind, kNow, {});
    EXPECT_FALSE(report.sees);
    EXPECT_NE(report.text.find("Watching port 9999 and blind: the last poll was 2m ago.\n"),
              std::string::npos);
}

TEST(StatusReport, AnotherSchemaOrNoneIsRefused) {
    EXPECT_THROW(status_report("{}", kNow, {}), std::runtime_error);
    EXPECT_THROW(status_report("not found", kNow, {}), std::runtime_error);
    EXPECT_THROW(status_report(R"({"schema":"halfclosed.status/2"})", kNow, {}),
                 std::runtime_error);
}

}  // namespace
}  // namespace halfclosed
