#include "posix/clock.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

namespace halfclosed::posix {
namespace {

using namespace std::chrono_literals;

TEST(Clock, BootClockAgreesWithUptime) {
    // /proc/uptime is the boot clock in hundredths of a second (fs/proc/uptime.c).
    double uptime = 0;
    const auto before = boot_clock_now();
    std::ifstream("/proc/uptime") >> uptime;
    const auto after = boot_clock_now();
    EXPECT_GE(uptime, std::chrono::duration<double>(before - 10ms).count());
    EXPECT_LE(uptime, std::chrono::duration<double>(after).count());
}

TEST(Clock, BootClockGoesOnWhileTheThreadSleepsAndCpuTimeDoesNot) {
    const auto boot = boot_clock_now();
    const auto cpu = thread_cpu_time();
    std::this_thread::sleep_for(50ms);
    EXPECT_GE(boot_clock_now() - boot, 50ms);
    EXPECT_LT(thread_cpu_time() - cpu, 25ms);
}

TEST(Clock, CpuTimeOfAnotherThreadIsTheProcessAlone) {
    const auto thread = thread_cpu_time();
    const auto process = process_cpu_time();
    std::thread([] {
        const auto start = thread_cpu_time();
        while (thread_cpu_time() - start < 20ms) {
        }
    }).join();
    EXPECT_GE(process_cpu_time() - process, 20ms);
    EXPECT_LT(thread_cpu_time() - thread, 20ms);
}

}  // namespace
}  // namespace halfclosed::posix
