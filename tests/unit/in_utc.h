#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace halfclosed {

/// A test in which local times are those of UTC.
class InUtc : public testing::Test {
 protected:
    InUtc() {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
    ~InUtc() override {
        ::unsetenv("TZ");
        ::tzset();
    }
};

}  // namespace halfclosed
