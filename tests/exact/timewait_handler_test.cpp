// What the source does with sockets of its own when it begins leaves none of them behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ground/connection.h"
#include "tally.h"

namespace halfclosed {

namespace {

std::set<Cookie> half_closed() {
    std::set<Cookie> cookies;
    for (const SocketRecord& record : ground::look(kHalfClosedStates)) {
        cookies.insert(record.cookie);
    }
    return cookies;
}

// Before Linux 6.11 a reset may come too soon for the minisock that it is for, and that stayed for a minute.
TEST(TimewaitHandler, IsLearntOfASocketThatIsSoonGone) {
    const std::set<Cookie> before = half_closed();
    constexpr int kTimes = 15;
    for (int time = 0; time < kTimes; ++time) {
        const exact::Source source;
    }
    EXPECT_TRUE(eventually([&] {
        const std::set<Cookie> now = half_closed();
        return std::includes(before.begin(), before.end(), now.begin(), now.end());
    }));
}

}  // namespace

}  // namespace halfclosed
