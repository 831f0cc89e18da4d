#include "tracking/cookie_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace halfclosed::tracking {

TEST(CookieSet, IsEmptyAtFirst) {
    CookieSet set;
    EXPECT_EQ(set.size(), 0u);
    EXPECT_FALSE(set.contains(Cookie{1}));
}

TEST(CookieSet, TakesACookieOnce) {
    CookieSet set;
    EXPECT_TRUE(set.insert(Cookie{7}));
    EXPECT_FALSE(set.insert(Cookie{7}));
    EXPECT_EQ(set.size(), 1u);
    EXPECT_TRUE(set.contains(Cookie{7}));
    EXPECT_FALSE(set.contains(Cookie{8}));
}

TEST(CookieSet, IsEmptyAgain) {
    CookieSet set;
    for (std::uint64_t value = 1; value <= 1'000; ++value) {
        set.insert(Cookie{value});
    }
    set.clear();
    EXPECT_EQ(set.size(), 0u);
    EXPECT_FALSE(set.contains(Cookie{1}));
    EXPECT_TRUE(set.insert(Cookie{1}));
}

namespace {

/// Cookies as they come: runs of neighbours out of per-CPU batches of 4,096, and anything at all.
Cookie any_cookie(std::mt19937_64& random) {
    switch (random() % 3) {
        case 0:
            return Cookie{1 + random() % 5'000};
        case 1:
            return Cookie{4'096 * (1 + random() % 1'000'000)};
        default:
            return Cookie{1 + random() % (UINT64_MAX - 1)};
    }
}

}  // namespace

TEST(CookieSet, IsASet) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        std::mt19937_64 random(seed);
        CookieSet set;
        std::set<Cookie> reference;
        for (int i = 0; i < 10'000; ++i) {
            const Cookie cookie = any_cookie(random);
            ASSERT_EQ(set.contains(cookie), reference.contains(cookie)) << "seed " << seed;
            ASSERT_EQ(set.insert(cookie), reference.insert(cookie).second) << "seed " << seed;
            ASSERT_EQ(set.size(), reference.size());
        }
        for (const Cookie cookie : reference) {
            ASSERT_TRUE(set.contains(cookie)) << "seed " << seed;
        }
    }
}

TEST(CookieSet, HoldsTwoHundredThousandNeighbours) {
    CookieSet set;
    for (std::uint64_t value = 1; value <= 200'000; ++value) {
        ASSERT_TRUE(set.insert(Cookie{value}));
    }
    EXPECT_EQ(set.size(), 200'000u);
    EXPECT_TRUE(set.contains(Cookie{200'000}));
    EXPECT_FALSE(set.contains(Cookie{200'001}));
}

}  // namespace halfclosed::tracking
