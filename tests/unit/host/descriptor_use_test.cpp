#include "host/descriptor_use.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <limits>

namespace halfclosed::host {
namespace {

constexpr const char* kLimits =
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max processes             96365                96365                processes \n"
    "Max open files            1024                 524288               files     \n"
    "Max locked memory         unlimited            unlimited            bytes     \n";

TEST(DescriptorUse, TheLimitIsTheSoftOne) {
    EXPECT_EQ(parse_open_files_limit(kLimits), 1024U);
    EXPECT_EQ(parse_open_files_limit("Max open files            unlimited   unlimited   files\n"),
              std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(parse_open_files_limit("Max open files"), std::nullopt);
    EXPECT_EQ(parse_open_files_limit("Max open files            few\n"), std::nullopt);
    EXPECT_EQ(parse_open_files_limit(""), std::nullopt);
}

TEST(DescriptorUse, OfThisProcessGrowsWithEachDescriptor) {
    const auto before = read_descriptor_use(getpid());
    ASSERT_TRUE(before);
    const int more = dup(STDERR_FILENO);
    const auto after = read_descriptor_use(getpid());
    close(more);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->used, before->used + 1);
    rlimit limit{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(after->limit, limit.rlim_cur);
    EXPECT_EQ(after->pid, getpid());
}

/// As kernels before 6.2 must be asked.
TEST(DescriptorUse, CountingTheEntriesGivesTheSame) {
    const auto use = read_descriptor_use(getpid());
    ASSERT_TRUE(use);
    // The directory itself is open while it is read.
    EXPECT_EQ(count_entries("/proc/self/fd"), use->used + 1);
    EXPECT_EQ(count_entries("/proc/self/no such directory"), 0U);
}

TEST(DescriptorUse, OfAProcessThatEndedIsNothing) {
    EXPECT_EQ(read_descriptor_use(std::numeric_limits<pid_t>::max()), std::nullopt);
}

TEST(DescriptorUse, AboveTheLimitIsMoreThanAllOfIt) {
    EXPECT_DOUBLE_EQ((DescriptorUse{1, 512, 1024}.share()), 0.5);
    EXPECT_DOUBLE_EQ((DescriptorUse{1, 2048, 1024}.share()), 2);
    EXPECT_DOUBLE_EQ((DescriptorUse{1, 3, 0}.share()), 1);
}

}  // namespace
}  // namespace halfclosed::host
