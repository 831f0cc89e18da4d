#include <gtest/gtest.h>

#include <sstream>

#include "cli/help_formatter.h"
#include "text/utf8.h"

namespace halfclosed {
namespace {

constexpr const char* kHelp =
    "One look at the sockets of the watched ports, and why each of them is there\n"
    "Usage: halfclosed snapshot [OPTIONS]\n"
    "\n"
    "Options:\n"
    "  -h,--help                   Print this help message and exit\n"
    "  --older-than DURATION=0s (Env:HALFCLOSED_OLDER_THAN)\n"
    "                              Only sockets that have, or may have, been in their state for "
    "longer\n";

TEST(WrappedHelp, WhatFitsIsAsItWas) {
    EXPECT_EQ(wrapped_help(kHelp, 200), kHelp);
}

TEST(WrappedHelp, DescriptionsStayInTheirColumn) {
    EXPECT_EQ(wrapped_help(kHelp, 60),
              "One look at the sockets of the watched ports, and why each\n"
              "of them is there\n"
              "Usage: halfclosed snapshot [OPTIONS]\n"
              "\n"
              "Options:\n"
              "  -h,--help                   Print this help message and\n"
              "                              exit\n"
              "  --older-than DURATION=0s (Env:HALFCLOSED_OLDER_THAN)\n"
              "                              Only sockets that have, or may\n"
              "                              have, been in their state for\n"
              "                              longer\n");
}

TEST(WrappedHelp, NeverIsWiderThanTheTerminal) {
    for (std::size_t width = 60; width < 120; ++width) {
        std::istringstream lines(wrapped_help(kHelp, width));
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(text::columns(line), width) << line;
        }
    }
}

}  // namespace
}  // namespace halfclosed
