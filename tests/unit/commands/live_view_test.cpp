#include "commands/live_view.h"

#include <gtest/gtest.h>

namespace halfclosed {
namespace {

TEST(FirstLines, WhatFitsIsLeftAsItIs) {
    EXPECT_EQ(first_lines("a\nb\nc\n", 3), "a\nb\nc\n");
    EXPECT_EQ(first_lines("", 3), "");
}

TEST(FirstLines, TheLastRowSaysHowManyThereAreMore) {
    EXPECT_EQ(first_lines("a\nb\nc\nd\n", 3), "a\nb\n… 2 more lines\n");
    EXPECT_EQ(first_lines("a\nb\nc\n", 1), "… 3 more lines\n");
}

}  // namespace
}  // namespace halfclosed
