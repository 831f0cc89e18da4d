#include "exporters/auth/users.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

#include "exporters/auth/bcrypt.h"
#include "hashes.h"

namespace halfclosed::auth {
namespace {

TEST(Users, EachHasAPasswordOfTheirOwn) {
    const Users users({{"one", kHashOfSecret}, {"two", kHashOfOther}});
    EXPECT_TRUE(users.check({"one", "secret"}));
    EXPECT_TRUE(users.check({"two", "other"}));
    EXPECT_FALSE(users.check({"one", "other"}));
    EXPECT_FALSE(users.check({"two", "secret"}));
    EXPECT_FALSE(users.check({"three", "secret"}));
    EXPECT_FALSE(users.check({"", ""}));
}

TEST(Users, RemembersWhatWasRightAndNothingElse) {
    const Users users(std::map<std::string, std::string>{{"one", kHashOfSecret}});
    EXPECT_FALSE(users.remembers({"one", "secret"}));
    users.check({"one", "wrong"});
    EXPECT_FALSE(users.remembers({"one", "wrong"}));
    users.check({"one", "secret"});
    EXPECT_TRUE(users.remembers({"one", "secret"}));
    EXPECT_FALSE(users.remembers({"one", "wrong"}));
    users.check({"one", "wrong"});
    EXPECT_TRUE(users.remembers({"one", "secret"}))
        << "a wrong one does not push out the right one";
}

TEST(Users, AReloadForgetsThoseWhosePasswordIsAnother) {
    const Users before({{"one", kHashOfSecret}, {"two", kHashOfOther}, {"gone", kHashOfSecret}});
    before.check({"one", "secret"});
    before.check({"two", "other"});
    before.check({"gone", "secret"});
    const Users after({{"one", kHashOfSecret}, {"two", kHashOfSecret}});
    after.remember_as(before);
    EXPECT_TRUE(after.remembers({"one", "secret"}));
    EXPECT_FALSE(after.remembers({"two", "other"}));
    EXPECT_FALSE(after.remembers({"gone", "secret"}));
}

/// CVE-2022-46146: a key of name and password without a separator lets one pair stand for another.
TEST(Users, ADigestIsOfOnePairAlone) {
    const std::string hash = kHashOfSecret;
    const Users users({{"a", hash}, {"a:secret", hash}, {"as", hash}, {"", hash}});
    ASSERT_TRUE(users.check({"a", "secret"}));
    EXPECT_FALSE(users.remembers({"as", "ecret"}));
    EXPECT_FALSE(users.remembers({"", "asecret"}));
    EXPECT_FALSE(users.remembers({"a:secret", ""}));
    EXPECT_FALSE(users.remembers({"", "a:secret"}));
}

/// Of this thread: other programs do not count.
std::chrono::nanoseconds cpu_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

TEST(Users, ANameThatThereIsNotCostsAsMuch) {
    std::string hash = nobodys_hash(9);
    const Users users({{"one", hash}});
    const auto cost_of = [&users](const char* name) {
        auto best = std::chrono::nanoseconds::max();
        for (int i = 0; i < 3; ++i) {
            const auto begin = cpu_time();
            users.check({name, "wrong"});
            best = std::min(best, cpu_time() - begin);
        }
        return std::chrono::duration<double>(best).count();
    };
    const double known = cost_of("one");
    const double unknown = cost_of("none");
    EXPECT_GT(unknown, known / 2);
    EXPECT_LT(unknown, known * 2);
}

TEST(Users, RememberingIsCheap) {
    const Users users(std::map<std::string, std::string>{{"one", kHashOfSecret}});
    users.check({"one", "secret"});
    const auto begin = cpu_time();
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(users.remembers({"one", "secret"}));
    }
    EXPECT_LT(cpu_time() - begin, std::chrono::milliseconds{100})
        << "1 ms each, under a sanitizer too";
}

}  // namespace
}  // namespace halfclosed::auth
