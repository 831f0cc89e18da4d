#include "host/kernel_release.h"

#include <gtest/gtest.h>

namespace halfclosed::host {

TEST(KernelRelease, IsComparedByVersionAndPatchLevel) {
    for (const char* const release :
         {"5.18.0", "5.18.0-rc1", "5.19", "6.1.0-38-cloud-amd64", "10.0.1"}) {
        EXPECT_TRUE(is_at_least(release, 5, 18)) << release;
    }
    for (const char* const release : {"5.10.0-32-cloud-amd64", "5.17.15", "4.19.0", "5.9"}) {
        EXPECT_FALSE(is_at_least(release, 5, 18)) << release;
    }
}

TEST(KernelRelease, WhatIsNoReleaseIsTakenForTheLatest) {
    for (const char* const release : {"", "next", "6", "6.", "-5.10"}) {
        EXPECT_TRUE(is_at_least(release, 5, 18)) << release;
    }
}

}  // namespace halfclosed::host
