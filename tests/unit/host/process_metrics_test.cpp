#include "host/process_metrics.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>

namespace halfclosed::host {
namespace {

TEST(BootTime, IsTheLineOfThatName) {
    EXPECT_EQ(parse_boot_time("cpu  1 2 3\nbtime 1770000000\nprocesses 5\n"), 1770000000U);
    EXPECT_EQ(parse_boot_time("btime 17"), 17U);
    EXPECT_EQ(parse_boot_time("cpu 1\nxbtime 3\n"), std::nullopt);
    EXPECT_EQ(parse_boot_time("btime x\n"), std::nullopt);
    EXPECT_EQ(parse_boot_time(""), std::nullopt);
}

TEST(ReadProcessMetrics, CountsAnOpenedDescriptor) {
    const ProcessMetrics before = read_process_metrics();
    const int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const ProcessMetrics after = read_process_metrics();
    close(descriptor);
    ASSERT_TRUE(before.open_fds && after.open_fds);
    EXPECT_EQ(*after.open_fds, *before.open_fds + 1);
}

TEST(ReadProcessMetrics, AgreesWithTheKernelsOtherAnswers) {
    const ProcessMetrics metrics = read_process_metrics();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    ASSERT_TRUE(metrics.cpu_seconds);
    EXPECT_NEAR(*metrics.cpu_seconds, cpu, 0.1);
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    EXPECT_EQ(metrics.max_fds, static_cast<double>(limit.rlim_cur));
    ASSERT_TRUE(metrics.resident_bytes && metrics.virtual_bytes);
    EXPECT_GT(*metrics.resident_bytes, 100'000);
    EXPECT_LE(*metrics.resident_bytes, static_cast<double>(usage.ru_maxrss) * 1024 * 1.5);
    EXPECT_GT(*metrics.virtual_bytes, *metrics.resident_bytes);
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    ASSERT_TRUE(metrics.start_time_seconds);
    EXPECT_NEAR(*metrics.start_time_seconds, now, 600);
    EXPECT_LE(*metrics.start_time_seconds, now + 1);
}

}  // namespace
}  // namespace halfclosed::host
