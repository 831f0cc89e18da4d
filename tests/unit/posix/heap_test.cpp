#include "posix/heap.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace halfclosed::posix {
namespace {

/// In KiB, counted page by page; 0 where the kernel does not tell.
long resident() {
    std::ifstream rollup("/proc/self/smaps_rollup");
    for (std::string word; rollup >> word;) {
        long size = 0;
        if (word == "Rss:" && rollup >> size) {
            return size;
        }
    }
    return 0;
}

TEST(Heap, WhatTheStartNeededIsGivenBackAndCanBeUsedAgain) {
    const long before = resident();
    if (before == 0) {
        GTEST_SKIP() << "no /proc/self/smaps_rollup";
    }
    give_back_start();
    EXPECT_LT(resident(), before);
    give_back_start();
    EXPECT_GT(resident(), 0) << "what is called again is there again";
}

}  // namespace
}  // namespace halfclosed::posix
