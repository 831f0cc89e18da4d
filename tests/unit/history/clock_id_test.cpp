#include "history/clock_id.h"

#include <gtest/gtest.h>

#include "posix/file.h"

namespace halfclosed::history {
namespace {

TEST(BootId, IsTheKernels) {
    EXPECT_EQ(read_boot_id() + "\n", posix::read_file("/proc/sys/kernel/random/boot_id"));
    EXPECT_EQ(read_boot_id().size(), 36U);
}

TEST(ClockId, NamesTheOffsetOfTheTimeNamespaceToo) {
    EXPECT_EQ(parse_clock_offset(
                  "monotonic           0         0\nboottime            0         0\n", "f"),
              "");
    EXPECT_EQ(parse_clock_offset(
                  "monotonic       86400         0\nboottime            7         0\n", "f"),
              "86400.0");
    EXPECT_EQ(parse_clock_offset("monotonic          -5 500000000\n", "f"), "-5.500000000");
    EXPECT_THROW(parse_clock_offset("", "f"), posix::Error);
    EXPECT_THROW(parse_clock_offset("boottime 0 0\n", "f"), posix::Error);
    EXPECT_EQ(read_clock_id().substr(0, 46), read_boot_id() + "/monotonic");
}

}  // namespace
}  // namespace halfclosed::history
