#include "host/process_stat.h"

#include <gtest/gtest.h>

#include "fixture.h"

namespace halfclosed::host {
namespace {

using namespace std::chrono_literals;

/// A line as the kernel writes it, with the name and the start time given.
std::string line(const std::string& name, const std::string& start_time) {
    return "7 (" + name + ") S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 " + start_time +
           " 100 200\n";
}

TEST(ProcessStat, NameTimesAndSizesAreRead) {
    EXPECT_EQ(parse_process_stat(line("nginx", "4711")), (ProcessStat{.comm = "nginx",
                                                                      .started = 47'110ms,
                                                                      .cpu = 110ms,
                                                                      .virtual_bytes = 100,
                                                                      .resident_pages = 200}));
}

TEST(ProcessStat, ARecordedAwkwardNameIsWhole) {
    // A backslash, a newline and half a character are in it.
    EXPECT_EQ(parse_process_stat(fixture("stat-awkward-name")).comm, "a) S 1 (b\\\n\xc3");
}

TEST(ProcessStat, TheNameEndsAtTheLastParenthesis) {
    EXPECT_EQ(parse_process_stat(line("(sd-pam)", "1")).comm, "(sd-pam)");
    EXPECT_EQ(parse_process_stat(line(") R 1 1 (", "1")).comm, ") R 1 1 (");
    EXPECT_EQ(parse_process_stat(line("", "1")).comm, "");
}

TEST(ProcessStat, WhatIsNoStatLineIsAnError) {
    const auto complaint_about = [](const std::string& text) {
        return complaint([&] { parse_process_stat(text, "/proc/7/stat"); });
    };
    EXPECT_EQ(complaint_about(""), "/proc/7/stat: ends inside a line");
    EXPECT_EQ(complaint_about("7 nginx S 1\n"), "/proc/7/stat: no name in parentheses");
    EXPECT_EQ(complaint_about("7 )nginx( S 1\n"), "/proc/7/stat: no name in parentheses");
    EXPECT_EQ(complaint_about("7 (nginx) S 1\n"), "/proc/7/stat: no start time");
    EXPECT_EQ(complaint_about(line("nginx", "-1")), "/proc/7/stat: no start time");
    EXPECT_EQ(complaint_about(line("nginx", "18446744073709551615")),
              "/proc/7/stat: the start time is centuries away");
    EXPECT_EQ(complaint_about("7 (nginx) S 1 7 7 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 4711 100\n"),
              "/proc/7/stat: no resident size");
}

TEST(ProcessStat, TimesWhoseSumOverflowsAreAnError) {
    // Each of them is one that 64 bits hold.
    EXPECT_EQ(complaint([] {
                  parse_process_stat(
                      "7 (nginx) S 1 7 7 0 -1 0 1 2 3 4 500000000000 500000000000 7 8 20 0 1 0 "
                      "4711 100 200\n",
                      "/proc/7/stat");
              }),
              "/proc/7/stat: the user time is centuries away");
}

TEST(ProcessStat, APrefixIsAnError) {
    const std::string text = fixture("stat-awkward-name");
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_THROW(parse_process_stat(std::string_view(text).substr(0, length)), posix::Error)
            << length;
    }
}

}  // namespace
}  // namespace halfclosed::host
